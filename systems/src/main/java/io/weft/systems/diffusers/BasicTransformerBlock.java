package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A transformer block with normalization first, as diffusers' {@code BasicTransformerBlock}:
 *
 * <pre>
 * x = attn1(norm1(x)) + x             self-attention, or to the context if only_cross_attention
 * x = attn2(norm2(x), context) + x    if there is a cross_attention_dim or double_self_attention
 * x = ff(norm3(x)) + x
 * </pre>
 *
 * <p>With {@code positional_embeddings="sinusoidal"} {@link SinusoidalPositionalEmbedding} follows
 * norm1 and norm2, for at most {@code num_positional_embeddings} tokens.
 *
 * <p>{@code attention_adapter}, a map, hands LoRA on to both attentions, custom diffusion and image
 * prompts to those that read the context: see {@link DiffusersAttention}.
 *
 * <p>Inputs: {@code hidden_states (batch, T, dim)}; {@code encoder_hidden_states (batch, S,
 * cross_attention_dim)}, {@code attention_mask} of attn1 and {@code encoder_attention_mask} of
 * attn2, each of which may be missing; masks as in {@link AttentionMask}. Output: as the first.
 * Weights: {@code pos_embed} if asked for, {@code norm1}, {@code attn1}, {@code norm2}, {@code
 * attn2}, {@code norm3}, {@code ff}.
 */
public final class BasicTransformerBlock extends DiffusersLayer {
  public static final LayerType<BasicTransformerBlock> TYPE =
      LayerType.custom("diffusers", "BasicTransformerBlock", BasicTransformerBlock::new)
          .inputs(
              "hidden_states", "encoder_hidden_states", "attention_mask", "encoder_attention_mask")
          .args("training", "ip_adapter_masks");

  private final boolean onlyCross;
  private final boolean doubleSelf;
  private final SinusoidalPositionalEmbedding embedding;
  private final LayerNormalization norm1;
  private final DiffusersAttention attn1;
  private final LayerNormalization norm2;
  private final DiffusersAttention attn2;
  private final LayerNormalization norm3;
  private final FeedForward ff;

  /** Restores a layer from its config. */
  public BasicTransformerBlock(Config config) {
    super(TYPE, config);
    int dim = args.positiveInt("dim");
    int heads = args.positiveInt("num_attention_heads");
    int width = args.positiveInt("attention_head_dim");
    double dropout = args.fraction("dropout", 0.0);
    Integer cross = args.integerOrNull("cross_attention_dim", null);
    String activation = args.string("activation_fn", "geglu");
    only("num_embeds_ada_norm", null, "Adaptive norms are not supported.");
    boolean bias = args.bool("attention_bias", false);
    onlyCross = args.bool("only_cross_attention", false);
    doubleSelf = args.bool("double_self_attention", false);
    boolean upcast = args.bool("upcast_attention", false);
    boolean affine = args.bool("norm_elementwise_affine", true);
    only("norm_type", "layer_norm", "Adaptive norms are not supported.");
    double eps = args.nonNegative("norm_eps", 1e-5);
    boolean finalDropout = args.bool("final_dropout", false);
    only("attention_type", "default", "Gated attention is not supported.");
    String positions = args.stringOrNull("positional_embeddings", null);
    Integer places = args.integerOrNull("num_positional_embeddings", null);
    Integer inner = args.integerOrNull("ff_inner_dim", null);
    boolean ffBias = args.bool("ff_bias", true);
    boolean outBias = args.bool("attention_out_bias", true);
    Config adapter = AttentionAdapter.handedOn(args);
    Config attention =
        Config.of("query_dim", dim, "heads", heads, "dim_head", width, "dropout", dropout)
            .with("bias", bias)
            .with("upcast_attention", upcast)
            .with("out_bias", outBias)
            .with("dtype", policy());
    embedding = positions == null ? null : track("pos_embed", embedding(positions, places, dim));
    norm1 = track("norm1", parts.layerNorm(dim, eps, affine));
    attn1 = track("attn1", attention(attention, onlyCross ? cross : null, adapter));
    boolean second = cross != null || doubleSelf;
    norm2 = second ? track("norm2", parts.layerNorm(dim, eps, affine)) : null;
    attn2 =
        second ? track("attn2", attention(attention, doubleSelf ? null : cross, adapter)) : null;
    norm3 = track("norm3", parts.layerNorm(dim, eps, affine));
    Config forward =
        Config.of("dim", dim, "dropout", dropout, "activation_fn", activation)
            .with("final_dropout", finalDropout)
            .with("inner_dim", inner)
            .with("bias", ffBias)
            .with("dtype", policy());
    ff = track("ff", Layer.fromConfig(FeedForward.TYPE, forward));
    parts.add(ff, Shape.UNKNOWN, Shape.UNKNOWN, dim);
    setSupportsMasking(true);
  }

  private SinusoidalPositionalEmbedding embedding(String kind, Integer places, int dim) {
    if (!kind.equals("sinusoidal")) {
      throw args.refuse("positional_embeddings", "null or 'sinusoidal'");
    }
    if (places == null) {
      throw args.refuse("num_positional_embeddings", "a number with positional_embeddings");
    }
    Config c = Config.of("embed_dim", dim, "max_seq_length", places).with("dtype", policy());
    return parts.add(
        Layer.fromConfig(SinusoidalPositionalEmbedding.TYPE, c), Shape.UNKNOWN, Shape.UNKNOWN, dim);
  }

  private DiffusersAttention attention(Config shared, Integer contextDim, Config adapter) {
    Config own = contextDim == null ? AttentionAdapter.ofSelfAttention(adapter) : adapter;
    Config c = shared.with("cross_attention_dim", contextDim).plus(own);
    return parts.add(
        Layer.fromConfig(DiffusersAttention.TYPE, c),
        Shape.UNKNOWN,
        Shape.UNKNOWN,
        Math.toIntExact((Long) shared.get("query_dim")));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    Tensor context = at(inputs, 1);
    Tensor own = onlyCross ? context : null;
    CallArgs call = ctx.forward("ip_adapter_masks");
    x = attend(attn1, placed(norm1.apply(x)), own, at(inputs, 2), call).plus(x);
    if (attn2 != null) {
      x = attend(attn2, placed(norm2.apply(x)), context, at(inputs, 3), call).plus(x);
    }
    return List.of(ff.apply(norm3.apply(x)).plus(x));
  }

  private Tensor placed(Tensor x) {
    return embedding == null ? x : embedding.apply(x);
  }

  private static Tensor attend(
      DiffusersAttention a, Tensor x, Tensor context, Tensor mask, CallArgs call) {
    return a.apply(Arrays.asList(x, context, mask), call);
  }
}
