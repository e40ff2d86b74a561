package io.weft.systems.crossvit;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.Parts;
import io.weft.tensor.Index;
import io.weft.tensor.Tensor;

/**
 * The fusion of CrossViT, its class {@code CrossAttentionBlock}: {@code cls = x₀ + Attn(LN x)},
 * where the first token of x comes from one branch and the others from the other; no feed-forward
 * layer.
 *
 * <p>Input: {@code (batch, N, dim)}. Output: {@code (batch, 1, dim)}. Weights: {@code norm1} (gain,
 * offset), then those of the attention {@code attn}. {@code mlp_ratio} is kept for the original,
 * which does not use it; {@code norm_eps} is the epsilon of the normalization.
 *
 * @see ClassTokenAttention
 */
public final class CrossViTFusion extends UnaryLayer {
  public static final LayerType<CrossViTFusion> TYPE =
      LayerType.custom(CrossvitTypes.PACKAGE, "CrossAttentionBlock", CrossViTFusion::new)
          .args("training", "mask");

  private final LayerNormalization norm1;
  private final ClassTokenAttention attn;
  private final Dropout dropPath;

  /** A block with default options. */
  public CrossViTFusion(int dim, int numHeads) {
    this(Config.of("dim", dim, "num_heads", numHeads));
  }

  /** Restores a layer from its config. */
  public CrossViTFusion(Config config) {
    super(TYPE, config);
    int dim = args.positiveInt("dim");
    int heads = args.positiveInt("num_heads");
    args.number("mlp_ratio", 4.0);
    Config attention =
        Config.of(
            "dim",
            dim,
            "num_heads",
            heads,
            "qkv_bias",
            args.bool("qkv_bias", false),
            "proj_drop",
            args.fraction("proj_drop", 0.0),
            "attn_drop",
            args.fraction("attn_drop", 0.0),
            "dtype",
            policy());
    double path = args.fraction("drop_path", 0.0);
    double epsilon = args.nonNegative("norm_eps", Parts.EPSILON);
    norm1 = track("norm1", Parts.norm(epsilon, true, policy()));
    attn = track("attn", fromConfig(ClassTokenAttention.TYPE, attention));
    dropPath = track("drop_path", Parts.dropPath(path, 3, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    b.build(norm1, b.input());
    b.build(attn, b.input());
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor normed = norm1.apply(x);
    Tensor mask = ctx.mask(0);
    Tensor y = attn.apply(mask == null ? normed : normed.withMask(mask));
    return x.get(Index.all(), Index.to(1)).plus(dropPath.apply(y));
  }
}
