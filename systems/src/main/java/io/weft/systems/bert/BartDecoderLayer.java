package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.systems.core.Parts;
import java.util.List;

/**
 * A layer of BART's decoder (Lewis et al. 2019): {@code a = LN(x + SA(x)); b = LN(a + CA(a,
 * encoder)); y = LN(b + FF(b))}, with the arguments and weight names of Hugging Face's {@code
 * BartDecoderLayer}.
 *
 * <p>Input, output and call arguments are those of {@link BertLayer}; as there, causality is the
 * mask's or {@code use_causal_mask}'s. Weights: q, k, v, out of {@code self_attn} and its norm, the
 * same of {@code encoder_attn}, {@code fc1}, {@code fc2}, {@code final_layer_norm}.
 */
public final class BartDecoderLayer extends HuggingFaceBlock {
  public static final LayerType<BartDecoderLayer> TYPE =
      LayerType.custom("transformers", "BartDecoderLayer", BartDecoderLayer::new)
          .inputs("hidden_states")
          .args(ARGS);

  private static final List<String> NAMES = List.of("q_proj", "k_proj", "v_proj", "out_proj");

  /** Restores a layer from Hugging Face's config of BART. */
  public BartDecoderLayer(Config config) {
    super(TYPE, config);
    int dim = args.positiveInt("d_model", 1024);
    int heads = args.positiveInt("decoder_attention_heads", 16);
    int inner = args.positiveInt("decoder_ffn_dim", 4096);
    String activation = args.string("activation_function", "gelu");
    double dropout = args.fraction("dropout", 0.1);
    double attentionDropout = args.fraction("attention_dropout", 0.0);
    double innerDropout = args.fraction("activation_dropout", 0.0);
    HuggingFace.keep(
        args,
        "vocab_size",
        "max_position_embeddings",
        "encoder_layers",
        "encoder_ffn_dim",
        "encoder_attention_heads",
        "decoder_layers",
        "encoder_layerdrop",
        "decoder_layerdrop",
        "init_std",
        "scale_embedding",
        "num_labels",
        "num_hidden_layers",
        "decoder_start_token_id",
        "forced_eos_token_id",
        "is_decoder");
    parts(dim, false, dropout, () -> Parts.norm(1e-5, true, policy()));
    Config names = Config.of("names", NAMES);
    selfAttention(
        "self_attn", "self_attn_layer_norm", attention(heads, dim, attentionDropout, names));
    crossAttention(
        "encoder_attn",
        "encoder_attn_layer_norm",
        attention(heads, dim, attentionDropout, names),
        dim);
    feedForward("fc1", null, "fc2", "final_layer_norm", inner, true, activation, innerDropout);
  }
}
