package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.VarianceScaling;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The attention of AiDotNet's noise predictors, its layer of this name: {@link CrossAttentionLayer}
 * for token sequences alone, whose matrices start uniformly in ±1/√(rows).
 *
 * <p>Inputs: a query {@code (batch, T, queryDimension)} and a context {@code (batch, S,
 * contextDimension)} of the same batch, without which the query attends to itself. Output: the
 * shape of the query, whose mask goes on. Call arguments and weights as those of {@link
 * CrossAttentionLayer}; {@code zeroOutputProjection} starts the output at zero, for a layer that is
 * added to a residual.
 */
public final class DiffusionAttentionLayer extends ProjectedLayer {
  public static final LayerType<DiffusionAttentionLayer> TYPE =
      LayerType.custom(
              AidotnetTypes.PACKAGE, "DiffusionAttentionLayer", DiffusionAttentionLayer::new)
          .inputs("query")
          .optional("context")
          .args("attention_mask", "training");

  private final int queryDimension;
  private final int contextDimension;

  /** Attention with {@code headCount} heads. */
  public DiffusionAttentionLayer(int queryDimension, int contextDimension, int headCount) {
    this(builder(queryDimension, contextDimension, headCount).config());
  }

  /** Restores a layer from its config. */
  public DiffusionAttentionLayer(Config config) {
    super(TYPE, config);
    queryDimension = args.positiveInt("queryDimension");
    contextDimension = args.positiveInt("contextDimension");
    widths(queryDimension, contextDimension, args.positiveInt("headCount"));
  }

  @Override
  Initializer started(Integer own) {
    Config c = Config.of("scale", 1.0 / 3, "mode", "fan_in", "distribution", "uniform");
    return new VarianceScaling(c.with("seed", own));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    for (Tensor t : inputs) {
      if (t.rank() != 3 || t.dim(0) != inputs.get(0).dim(0)) {
        throw new ShapeException(
            label()
                + ": expected a query (batch, tokens, "
                + queryDimension
                + ") and a context (batch, tokens, "
                + contextDimension
                + ") of one batch. Received: "
                + inputs.stream().map(Tensor::shape).toList());
      }
    }
    return List.of(cross(inputs, ctx, (q, k, v, mask) -> flash(q, k, v, mask, false), false));
  }

  public int queryDimension() {
    return queryDimension;
  }

  public int contextDimension() {
    return contextDimension;
  }

  public int headCount() {
    return heads();
  }

  @Override
  List<Shape> declaredShapes() {
    int tokens = CrossAttentionLayer.CONTEXT_LENGTH;
    return List.of(Shape.of(1, tokens, queryDimension), Shape.of(1, tokens, contextDimension));
  }

  @Override
  Shape shownShape() {
    return Shape.of(Shape.UNKNOWN, queryDimension);
  }

  public static Builder builder(int queryDimension, int contextDimension, int headCount) {
    return new Builder(queryDimension, contextDimension, headCount);
  }

  /** Optional settings of {@link DiffusionAttentionLayer}. */
  public static final class Builder extends Options<DiffusionAttentionLayer, Builder> {
    private Builder(int queryDimension, int contextDimension, int headCount) {
      set("queryDimension", queryDimension)
          .set("contextDimension", contextDimension)
          .set("headCount", headCount);
    }

    @Override
    public DiffusionAttentionLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
