package io.weft.systems.crossvit;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.systems.core.Parts;
import io.weft.tensor.Index;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Attention of the first token to all tokens, in time linear in their number; the class {@code
 * CrossAttention} of CrossViT (Chen et al. 2021): {@code y = (softmax(x₀·Wq · (x·Wk)ᵀ / √width) ·
 * x·Wv)·Wp + bp}, the first row of full self-attention.
 *
 * <p>Input: {@code (batch, N, dim)}, N ≥ 1. Output: {@code (batch, 1, dim)}. A mask of the tokens
 * hides them as keys. Weights: kernels, and biases if {@code qkv_bias}, of {@code wq}, {@code wk},
 * {@code wv}, then of {@code proj}, which has a bias always.
 */
public final class ClassTokenAttention extends UnaryLayer {
  public static final LayerType<ClassTokenAttention> TYPE =
      LayerType.custom(CrossvitTypes.PACKAGE, "CrossAttention", ClassTokenAttention::new)
          .args("training", "mask");

  private final int dim;
  private final int heads;
  private final Dense wq;
  private final Dense wk;
  private final Dense wv;
  private final Dropout attnDrop;
  private final Dense proj;
  private final Dropout projDrop;
  private final boolean drops;

  /** Attention with 8 heads, without biases of queries, keys and values. */
  public ClassTokenAttention(int dim) {
    this(Config.of("dim", dim));
  }

  /** Restores a layer from its config. */
  public ClassTokenAttention(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    heads = args.positiveInt("num_heads", 8);
    if (dim % heads != 0) {
      throw args.refuse("num_heads", "a divisor of dim=" + dim);
    }
    boolean bias = args.bool("qkv_bias", false);
    double rate = args.fraction("attn_drop", 0.0);
    drops = rate > 0;
    wq = track("wq", Parts.dense(dim, bias, policy()));
    wk = track("wk", Parts.dense(dim, bias, policy()));
    wv = track("wv", Parts.dense(dim, bias, policy()));
    attnDrop = track("attn_drop", Parts.dropout(rate, policy()));
    proj = track("proj", Parts.dense(dim, true, policy()));
    projDrop = track("proj_drop", Parts.dropout(args.fraction("proj_drop", 0.0), policy()));
  }

  @Override
  protected void build(BuildContext b) {
    Tokens.require(label(), b.input(), dim);
    Shape one = b.input().withDim(1, 1);
    b.build(wq, one);
    b.build(wk, b.input());
    b.build(wv, b.input());
    b.build(proj, one);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tokens.require(label(), x.shape(), dim);
    if (x.dim(1) == 0) {
      throw new ShapeException(
          label() + ": expected at least the class token. Received: shape " + x.shape());
    }
    Tensor q = Heads.split(wq.apply(x.get(Index.all(), Index.to(1))), heads);
    Tensor k = Heads.split(wk.apply(x), heads);
    Tensor v = Heads.split(wv.apply(x), heads);
    Tensor mask = Tokens.keys(ctx.mask(0));
    double scale = Heads.scale(q);
    FullyMaskedRows rows = FullyMaskedRows.UNIFORM;
    Tensor y =
        drops && ctx.training()
            ? Heads.attend(q, k, v, null, mask, scale, false, rows, attnDrop)
            : Heads.attend(q, k, v, null, mask, scale, false, rows);
    return projDrop.apply(proj.apply(Heads.merge(y)));
  }
}
