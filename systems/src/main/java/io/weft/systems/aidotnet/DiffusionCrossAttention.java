package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The cross-attention of a diffusion network from the pixels of an image to a text, as AiDotNet's
 * layer of this name: {@link CrossAttentionLayer} for images, with the same formula and weights.
 *
 * <p>Inputs: an image {@code (batch, queryDim, height, width)} or tokens {@code (batch, T,
 * queryDim)}; a context {@code (batch or 1, S, contextDim)}, without which the image attends to
 * itself. Output: the shape of the first input. {@code spatialSize} only says which shapes are
 * declared and exported.
 */
public final class DiffusionCrossAttention extends ProjectedLayer {
  public static final LayerType<DiffusionCrossAttention> TYPE =
      LayerType.custom(
              AidotnetTypes.PACKAGE, "DiffusionCrossAttention", DiffusionCrossAttention::new)
          .inputs("input")
          .optional("context")
          .args("attention_mask", "training");

  private final int queryDim;
  private final int contextDim;
  private final int spatialSize;

  /** Attention with 8 heads. */
  public DiffusionCrossAttention(int queryDim, int contextDim) {
    this(builder(queryDim, contextDim).config());
  }

  /** Restores a layer from its config. */
  public DiffusionCrossAttention(Config config) {
    super(TYPE, config);
    queryDim = args.positiveInt("queryDim");
    contextDim = args.positiveInt("contextDim");
    int numHeads = args.positiveInt("numHeads", 8);
    spatialSize = args.positiveInt("spatialSize", 64);
    widths(queryDim, contextDim, numHeads);
  }

  /**
   * {@link #forward} with a context, which may be null.
   *
   * @param input (batch, queryDim, height, width) or (batch, T, queryDim)
   * @param context (batch or 1, S, contextDim), or null for the input itself
   */
  public Tensor forwardWithContext(Tensor input, Tensor context) {
    return forward(input, context);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (!inputs.isEmpty() && inputs.get(0).rank() != 3 && inputs.get(0).rank() != 4) {
      throw new ShapeException(
          label()
              + ": expected an image (batch, channels, height, width) or (batch, tokens, width)."
              + " Received: shape "
              + inputs.get(0).shape());
    }
    return List.of(cross(inputs, ctx, (q, k, v, mask) -> flash(q, k, v, mask, false), true));
  }

  public int queryDim() {
    return queryDim;
  }

  public int contextDim() {
    return contextDim;
  }

  public int numHeads() {
    return heads();
  }

  @Override
  List<Shape> declaredShapes() {
    return List.of(
        Shape.of(1, spatialSize * spatialSize, queryDim),
        Shape.of(1, CrossAttentionLayer.CONTEXT_LENGTH, contextDim));
  }

  @Override
  Shape shownShape() {
    return declaredShapes().get(0);
  }

  public static Builder builder(int queryDim, int contextDim) {
    return new Builder(queryDim, contextDim);
  }

  /** Optional settings of {@link DiffusionCrossAttention}. */
  public static final class Builder extends Options<DiffusionCrossAttention, Builder> {
    private Builder(int queryDim, int contextDim) {
      set("queryDim", queryDim).set("contextDim", contextDim);
    }

    /** Heads, a divisor of the query's width; default 8. */
    public Builder numHeads(int heads) {
      return set("numHeads", heads);
    }

    /** The declared height and width of images; default 64. Any size works. */
    public Builder spatialSize(int size) {
      return set("spatialSize", size);
    }

    @Override
    public DiffusionCrossAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
