package io.weft.systems.crossvit;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.ops.NnFunctions;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The encoder block of a vision transformer (Dosovitskiy et al. 2021), timm's class {@code Block}:
 * {@code h = x + Attn(LN x)}, {@code y = h + W₂·gelu(W₁·LN h)}.
 *
 * <p>Input: {@code (batch, N, dim)}. Output: the same shape; a mask hides tokens as keys and goes
 * on. Weights: {@code norm1}, {@code attn.qkv (dim, 3·dim)} with a bias if {@code qkv_bias}, {@code
 * attn.proj}, {@code norm2}, {@code mlp.fc1}, {@code mlp.fc2}.
 */
public final class EncoderBlock extends UnaryLayer {
  public static final LayerType<EncoderBlock> TYPE =
      LayerType.custom(CrossvitTypes.PACKAGE, "Block", EncoderBlock::new).args("training", "mask");

  private final int dim;
  private final int heads;
  private final int hidden;
  private final boolean drops;
  private final LayerNormalization norm1;
  private final Dense qkv;
  private final Dropout attnDrop;
  private final Dense proj;
  private final Dropout projDrop;
  private final LayerNormalization norm2;
  private final Dense fc1;
  private final Dropout hiddenDrop;
  private final Dense fc2;
  private final Dropout dropPath;

  /** A block with default options. */
  public EncoderBlock(int dim, int numHeads) {
    this(Config.of("dim", dim, "num_heads", numHeads));
  }

  /** Restores a layer from its config. */
  public EncoderBlock(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    heads = args.positiveInt("num_heads");
    if (dim % heads != 0) {
      throw args.refuse("num_heads", "a divisor of dim=" + dim);
    }
    hidden = (int) (dim * args.number("mlp_ratio", 4.0));
    if (hidden <= 0) {
      throw args.refuse("mlp_ratio", "a positive number that gives at least one hidden unit");
    }
    boolean bias = args.bool("qkv_bias", false);
    double rate = args.fraction("proj_drop", 0.0);
    double attention = args.fraction("attn_drop", 0.0);
    double path = args.fraction("drop_path", 0.0);
    double epsilon = args.nonNegative("norm_eps", Parts.EPSILON);
    drops = attention > 0;
    norm1 = track("norm1", Parts.norm(epsilon, true, policy()));
    qkv = track("attn.qkv", Parts.dense(3 * dim, bias, policy()));
    attnDrop = track("attn.attn_drop", Parts.dropout(attention, policy()));
    proj = track("attn.proj", Parts.dense(dim, true, policy()));
    projDrop = track("attn.proj_drop", Parts.dropout(rate, policy()));
    norm2 = track("norm2", Parts.norm(epsilon, true, policy()));
    fc1 = track("mlp.fc1", Parts.dense(hidden, true, policy()));
    hiddenDrop = track("mlp.drop1", Parts.dropout(rate, policy()));
    fc2 = track("mlp.fc2", Parts.dense(dim, true, policy()));
    dropPath = track("drop_path", Parts.dropPath(path, 3, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    Tokens.require(label(), x, dim);
    List.of(norm1, norm2, qkv, fc1).forEach(l -> b.build(l, x));
    b.build(proj, x);
    b.build(fc2, x.withDim(-1, hidden));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tokens.require(label(), x.shape(), dim);
    Tensor h = x.plus(dropPath.apply(attention(norm1.apply(x), ctx)));
    Tensor m = hiddenDrop.apply(NnFunctions.gelu(fc1.apply(norm2.apply(h)), false));
    return h.plus(dropPath.apply(projDrop.apply(fc2.apply(m))));
  }

  private Tensor attention(Tensor x, CallContext ctx) {
    List<Tensor> parts = Ops.split(qkv.apply(x), 3, 2);
    Tensor q = Heads.split(parts.get(0), heads);
    Tensor k = Heads.split(parts.get(1), heads);
    Tensor v = Heads.split(parts.get(2), heads);
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
