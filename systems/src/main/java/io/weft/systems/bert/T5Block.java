package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.core.MultiHead;
import io.weft.systems.core.Parts;

/**
 * A block of T5 (Raffel et al. 2019): {@code a = x + SA(RMS(x)); b = a + CA(RMS(a), encoder); y = b
 * + FF(RMS(b))}, without biases and without scaling of the scores, with {@link RelativeBias} in
 * self-attention; arguments and weight names of Hugging Face's {@code T5Block}.
 *
 * <p>Input, output and call arguments are those of {@link BertLayer}; as there, causality is the
 * mask's or {@code use_causal_mask}'s. {@code is_decoder} gives it cross-attention and a bias that
 * looks back only; {@code feed_forward_proj} is an activation or {@code gated-} and an activation,
 * which {@code dense_act_fn} and {@code is_gated_act} override; {@code has_relative_attention_bias}
 * (default true) is for a model's first block. Weights: q, k, v, o, bias table and norm of
 * self-attention, q, k, v, o and norm of cross-attention, wi (or wi_0, wi_1), wo, norm.
 */
public final class T5Block extends HuggingFaceBlock {
  public static final LayerType<T5Block> TYPE =
      LayerType.custom("transformers", "T5Block", T5Block::new).inputs("hidden_states").args(ARGS);

  /** Restores a layer from Hugging Face's config of T5. */
  public T5Block(Config config) {
    super(TYPE, config);
    int dim = args.positiveInt("d_model", 512);
    int headWidth = args.positiveInt("d_kv", 64);
    int inner = args.positiveInt("d_ff", 2048);
    int heads = args.positiveInt("num_heads", 8);
    double dropout = args.fraction("dropout_rate", 0.1);
    double epsilon = args.nonNegative("layer_norm_epsilon", 1e-6);
    int buckets = args.positiveInt("relative_attention_num_buckets", 32);
    int distance = args.positiveInt("relative_attention_max_distance", 128);
    String feedForward = args.string("feed_forward_proj", "relu");
    boolean decoder = args.bool("is_decoder", false);
    boolean relative = args.bool("has_relative_attention_bias", true);
    HuggingFace.keep(
        args,
        "vocab_size",
        "num_layers",
        "num_decoder_layers",
        "initializer_factor",
        "n_positions",
        "output_past",
        "decoder_start_token_id");
    // a whole file has these too, and they count
    String activation = args.stringOrNull("dense_act_fn", null);
    boolean gated =
        args.any("is_gated_act", null) == null
            ? feedForward.startsWith("gated-")
            : args.bool("is_gated_act", false);
    parts(dim, true, dropout, () -> Parts.rmsNorm(epsilon, policy()));
    Config plain = Config.of("use_bias", false, "scale", 1.0);
    MultiHead self = attention(heads, heads * headWidth, dropout, plain);
    if (relative) {
      Config c =
          Config.of(
              "buckets",
              buckets,
              "max_distance",
              distance,
              "bidirectional",
              !decoder,
              "dtype",
              policy());
      self.withPositions("relative_attention_bias", Layer.fromConfig(RelativeBias.TYPE, c));
    }
    selfAttention("layer.0.SelfAttention", "layer.0.layer_norm", self);
    if (decoder) {
      crossAttention(
          "layer.1.EncDecAttention",
          "layer.1.layer_norm",
          attention(heads, heads * headWidth, dropout, plain),
          dim);
    }
    String at = decoder ? "layer.2." : "layer.1.";
    String named = feedForward.replaceFirst("^gated-", "");
    String usual = feedForward.equals("gated-gelu") ? "gelu_new" : named;
    feedForward(
        at + (gated ? "DenseReluDense.wi_1" : "DenseReluDense.wi"),
        gated ? at + "DenseReluDense.wi_0" : null,
        at + "DenseReluDense.wo",
        at + "layer_norm",
        inner,
        false,
        activation == null ? usual : activation,
        dropout);
  }
}
