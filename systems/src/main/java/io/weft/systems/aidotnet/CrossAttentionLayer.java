package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Multi-head cross-attention, as AiDotNet's layer of this name: {@code P = softmax(X·Wq·(C·Wk)ᵀ /
 * √headDim)} for each head, {@code Y = merge(P · C·Wv)·Wo + bo}. No residual, no normalization.
 *
 * <p>Inputs: a query {@code (T, queryDim)}, {@code (batch, T, queryDim)}, an image {@code (batch,
 * queryDim, height, width)}, or more leading axes, which are part of the batch; and a context
 * {@code (contextDim)}, {@code (S, contextDim)} or {@code (batch or 1, S, contextDim)}. Without a
 * context the query attends to itself. Output: the shape of the query, whose mask goes on. Call
 * arguments: {@code attention_mask}, true = may attend, {@code (T, S)}, {@code (batch, T, S)} or
 * with heads; a mask attached to the context hides its tokens. Weights: {@code query_weights
 * (queryDim, queryDim)}, {@code key_weights (contextDim, queryDim)}, {@code value_weights} alike,
 * {@code output_weights (queryDim, queryDim)}, {@code output_bias (queryDim)}.
 *
 * <p>Unlike the original, all weights and both inputs get gradients, equally shaped matrices start
 * different, and the exported graph computes what the layer does. {@code sequenceLength} only says
 * which shapes are declared and exported.
 */
public final class CrossAttentionLayer extends ProjectedLayer {
  public static final LayerType<CrossAttentionLayer> TYPE =
      LayerType.custom(AidotnetTypes.PACKAGE, "CrossAttentionLayer", CrossAttentionLayer::new)
          .inputs("query")
          .optional("context")
          .args("attention_mask", "training");

  /** The tokens of a context of CLIP, which exported graphs take. */
  static final int CONTEXT_LENGTH = 77;

  private final int queryDim;
  private final int contextDim;
  private final int sequenceLength;

  /** Attention with {@code headCount} heads of width {@code queryDim / headCount}. */
  public CrossAttentionLayer(int queryDim, int contextDim, int headCount) {
    this(builder(queryDim, contextDim, headCount).config());
  }

  /** Restores a layer from its config. */
  public CrossAttentionLayer(Config config) {
    super(TYPE, config);
    queryDim = args.positiveInt("queryDim");
    contextDim = args.positiveInt("contextDim");
    int headCount = args.positiveInt("headCount");
    sequenceLength = args.positiveInt("sequenceLength", 64);
    widths(queryDim, contextDim, headCount);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return List.of(cross(inputs, ctx, (q, k, v, mask) -> flash(q, k, v, mask, false), true));
  }

  public int queryDim() {
    return queryDim;
  }

  public int contextDim() {
    return contextDim;
  }

  public int headCount() {
    return heads();
  }

  @Override
  List<Shape> declaredShapes() {
    return List.of(Shape.of(1, sequenceLength, queryDim), Shape.of(1, CONTEXT_LENGTH, contextDim));
  }

  @Override
  Shape shownShape() {
    return Shape.of(sequenceLength, queryDim);
  }

  public static Builder builder(int queryDim, int contextDim, int headCount) {
    return new Builder(queryDim, contextDim, headCount);
  }

  /** Optional settings of {@link CrossAttentionLayer}. */
  public static final class Builder extends Options<CrossAttentionLayer, Builder> {
    private Builder(int queryDim, int contextDim, int headCount) {
      set("queryDim", queryDim).set("contextDim", contextDim).set("headCount", headCount);
    }

    /** The declared number of query tokens; default 64. Any number works. */
    public Builder sequenceLength(int tokens) {
      return set("sequenceLength", tokens);
    }

    @Override
    public CrossAttentionLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
