package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.Regularizer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Attention where several heads of queries share one head of keys and values (Ainslie et al.,
 * 2023).
 *
 * <p>Inputs: {@code query (batch, T, dim)}, {@code value (batch, S, dim)}, {@code key (batch, S,
 * dim)} (the value by default). Output: {@code (batch, T, dim)}, with {@code
 * return_attention_scores} then the weights {@code (batch, num_query_heads, T, S)} before dropout.
 * Call arguments: as {@link MultiHeadAttention}, and {@code query_mask} is heard. The query's mask
 * goes on. Weights: kernel and bias of query {@code (dim, num_query_heads, head_dim)}, key {@code
 * (dim, num_key_value_heads, head_dim)}, gate (if {@code use_gate}), value and attention_output
 * {@code (num_query_heads, head_dim, dim)}.
 */
public final class GroupQueryAttention extends ProjectedAttention {
  public static final LayerType<GroupQueryAttention> TYPE =
      signature(LayerType.keras("GroupQueryAttention", GroupQueryAttention::new))
          .pythonName("GroupedQueryAttention");

  private final int headDim;
  private final int queryHeads;
  private final int keyValueHeads;

  /** Attention with heads of width {@code headDim} and default options. */
  public GroupQueryAttention(int headDim, int numQueryHeads, int numKeyValueHeads) {
    this(builder(headDim, numQueryHeads, numKeyValueHeads).config());
  }

  /** Restores a layer from its config. */
  public GroupQueryAttention(Config config) {
    super(TYPE, config);
    headDim = args.positiveInt("head_dim");
    queryHeads = args.positiveInt("num_query_heads");
    keyValueHeads = args.positiveInt("num_key_value_heads");
    if (queryHeads % keyValueHeads != 0) {
      throw args.refuse("num_query_heads", "a multiple of num_key_value_heads=" + keyValueHeads);
    }
    readBiasAndGate();
    readSlidingWindow();
    readDropout();
    readWeights();
    setInputSpec(InputSpec.rank(3), InputSpec.rank(3));
  }

  @Override
  Object activityOfProjections() {
    Object r = args.noted().get("activity_regularizer");
    return r instanceof Regularizer ? r : null;
  }

  @Override
  protected void build(BuildContext b) {
    if (b.input(0).dim(-1) != b.input(1).dim(-1)) {
      throw new ShapeException(
          label()
              + ": query and value must have the same last size. Received: query "
              + b.input(0)
              + ", value "
              + b.input(1));
    }
    setEquations("bkuh,bquh->buqk", "buqk,bkuh->bquh", 1);
    int[] out = {b.known(0, -1)};
    buildProjections(b, queryHeads, keyValueHeads, headDim, headDim, out);
  }

  @Override
  Tensor repeated(Tensor projected) {
    return queryHeads == keyValueHeads
        ? projected
        : Ops.repeat(projected, queryHeads / keyValueHeads, 2);
  }

  @Override
  Tensor queryMask(CallContext ctx) {
    return ctx.args().has("query_mask") ? ctx.args().tensor("query_mask") : ctx.mask(0);
  }

  public static Builder builder(int headDim, int numQueryHeads, int numKeyValueHeads) {
    return new Builder(headDim, numQueryHeads, numKeyValueHeads);
  }

  /** Optional settings of {@link GroupQueryAttention}. */
  public static final class Builder extends Options<GroupQueryAttention, Builder> {
    private Builder(int headDim, int numQueryHeads, int numKeyValueHeads) {
      set("head_dim", headDim)
          .set("num_query_heads", numQueryHeads)
          .set("num_key_value_heads", numKeyValueHeads);
    }

    @Override
    public GroupQueryAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
