package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.Regularizer;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Multi-head attention (Vaswani et al., 2017): {@code softmax(q · kᵀ / √key_dim) · v} in each of
 * {@code num_heads} heads, q, k and v being projections of query, key and value, and a projection
 * of all heads together.
 *
 * <p>Inputs: {@code query (batch, T, dim_q)}, {@code value (batch, S, dim_v)}, {@code key (batch,
 * S, dim_k)} (the value by default); with further axes, {@code attention_axes} says which ones are
 * attended over (default: all between batch and features). Output: {@code (batch, T, dim_q)}, the
 * last axis replaced by {@code output_shape} if that is set; with {@code return_attention_scores}
 * then the weights {@code (batch, heads, T, S)} before dropout. Call arguments: {@code
 * attention_mask (batch, T, S)} or with a heads axis, true = may attend; {@code value_mask}, {@code
 * key_mask (batch, S)}, by default those attached to the inputs; {@code use_causal_mask}; {@code
 * training}. The mask attached to the query is used and goes on; like in Keras, an explicit {@code
 * query_mask} is not heard. Weights: kernel and bias of query, key, gate (if {@code use_gate}),
 * value and attention_output: {@code (dim, heads, width)}, {@code (heads, width)}; {@code (heads,
 * value_dim, out)}, {@code (out)}.
 *
 * @see GroupQueryAttention
 */
public final class MultiHeadAttention extends ProjectedAttention {
  public static final LayerType<MultiHeadAttention> TYPE =
      signature(LayerType.keras("MultiHeadAttention", MultiHeadAttention::new));

  private final int numHeads;
  private final int keyDim;
  private final int valueDim;
  private final int[] outputShape;
  private final int[] givenAxes;
  private final Regularizer activity;

  /** Attention with {@code numHeads} heads of width {@code keyDim} and default options. */
  public MultiHeadAttention(int numHeads, int keyDim) {
    this(builder(numHeads, keyDim).config());
  }

  /** Restores a layer from its config. */
  public MultiHeadAttention(Config config) {
    super(TYPE, config);
    activity = takeActivityRegularizer();
    numHeads = args.positiveInt("num_heads");
    keyDim = args.positiveInt("key_dim");
    Integer v = args.integerOrNull("value_dim", null);
    if (v != null && v < 0) {
      throw args.refuse("value_dim", "null or a positive integer");
    }
    valueDim = v == null || v == 0 ? keyDim : v;
    args.note("value_dim", valueDim);
    readDropout();
    readBiasAndGate();
    outputShape = args.intListOrNull("output_shape", null);
    args.note("output_shape", outputShape);
    givenAxes = args.intListOrNull("attention_axes", null);
    args.note("attention_axes", givenAxes);
    readSlidingWindow();
    readWeights();
    args.note("activity_regularizer", activity);
  }

  @Override
  Object activityOfProjections() {
    return activity;
  }

  @Override
  protected void build(BuildContext b) {
    Shape query = b.input(0);
    Shape value = b.input(1);
    Shape key = b.inputs().size() > 2 ? b.input(2) : value;
    for (Shape s : List.of(query, value, key)) {
      if (s.rank() < 2) {
        throw new ShapeException(
            label() + ": expected inputs (batch, ..., features). Received: shape " + s);
      }
    }
    if (value.rank() != key.rank()
        || !value.slice(1, value.rank() - 1).equals(key.slice(1, key.rank() - 1))) {
      throw new ShapeException(
          label()
              + ": value and key must agree in all sizes but the last. Received: value "
              + value
              + ", key "
              + key);
    }
    int rank = value.rank() + 1;
    int[] axes = axes(rank);
    args.note("attention_axes", axes);
    String[] equations = EinsumText.attention(rank, axes);
    setEquations(equations[0], equations[1], axes.length);
    int[] out = outputShape == null || outputShape.length == 0 ? null : outputShape;
    buildProjections(
        b, numHeads, numHeads, keyDim, valueDim, out == null ? new int[] {b.known(0, -1)} : out);
  }

  /** The axes attended over, of projected tensors of a rank. */
  private int[] axes(int rank) {
    if (givenAxes == null) {
      int[] all = new int[rank - 3];
      Arrays.setAll(all, i -> i + 1);
      return all;
    }
    int[] axes = new int[givenAxes.length];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = givenAxes[i] < 0 ? rank - 1 + givenAxes[i] : givenAxes[i];
      if (axes[i] < 0 || axes[i] >= rank - 2) {
        throw args.refuse("attention_axes", "axes of inputs of rank " + (rank - 1));
      }
    }
    return axes;
  }

  /** Keras states the scores of any layer as (batch, heads, T, T). */
  @Override
  protected Shape statedShape(List<Shape> inputs, int i, Shape inferred) {
    Shape query = inputs.get(0);
    return i == 0 ? inferred : Shape.of(query.dim(0), numHeads, query.dim(1), query.dim(1));
  }

  @Override
  Tensor queryMask(CallContext ctx) {
    return ctx.args().isNull("query_mask") ? null : ctx.mask(0);
  }

  public static Builder builder(int numHeads, int keyDim) {
    return new Builder(numHeads, keyDim);
  }

  /** Optional settings of {@link MultiHeadAttention}. */
  public static final class Builder extends Options<MultiHeadAttention, Builder> {
    private Builder(int numHeads, int keyDim) {
      set("num_heads", numHeads).set("key_dim", keyDim);
    }

    /** The width of values in each head; default that of keys. */
    public Builder valueDim(int valueDim) {
      return set("value_dim", valueDim);
    }

    /** What replaces the last axis of the query's shape; default that axis. */
    public Builder outputShape(int... shape) {
      return set("output_shape", shape);
    }

    /** The axes attended over; default all between batch and features. */
    public Builder attentionAxes(int... axes) {
      return set("attention_axes", axes);
    }

    @Override
    public MultiHeadAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
