package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.core.MultiHead;
import io.weft.systems.core.Parts;
import java.util.List;

/**
 * A layer of BERT (Devlin et al. 2018), as a decoder with cross-attention if asked: {@code a = LN(x
 * + SA(x)); b = LN(a + CA(a, encoder)); y = LN(b + FF(b))}, with the arguments and weight names of
 * Hugging Face's {@code BertLayer}.
 *
 * <p>Input: {@code hidden_states (batch, T, hidden_size)}. Output: the same shape. Call arguments:
 * {@code attention_mask}, {@code encoder_attention_mask}: true = may attend, or floats added to the
 * scores, {@code (batch, S)}, {@code (batch, T, S)} or {@code (batch, heads, T, S)}; without one
 * the mask attached to the states; {@code encoder_hidden_states (batch, S, encoder_hidden_size)};
 * {@code use_causal_mask}; {@code cache}. Weights: query, key, value, output (kernel and bias each)
 * and norm of self-attention, the same of cross-attention, intermediate, output, norm.
 *
 * <p>{@code position_embedding_type} {@code relative_key} and {@code relative_key_query} add {@link
 * DistanceScores}. Cross-attention without {@code is_decoder} is refused.
 */
public final class BertLayer extends HuggingFaceBlock {
  public static final LayerType<BertLayer> TYPE =
      LayerType.custom("transformers", "BertLayer", BertLayer::new)
          .inputs("hidden_states")
          .args(ARGS);

  private static final List<String> NAMES =
      List.of("self.query", "self.key", "self.value", "output.dense");

  /** Restores a layer from Hugging Face's config of BERT. */
  public BertLayer(Config config) {
    super(TYPE, config);
    int hidden = args.positiveInt("hidden_size", 768);
    int heads = args.positiveInt("num_attention_heads", 12);
    int inner = args.positiveInt("intermediate_size", 3072);
    String activation = args.string("hidden_act", "gelu");
    double dropout = args.fraction("hidden_dropout_prob", 0.1);
    double attentionDropout = args.fraction("attention_probs_dropout_prob", 0.1);
    double epsilon = args.nonNegative("layer_norm_eps", 1e-12);
    boolean decoder = args.bool("is_decoder", false);
    boolean cross = args.bool("add_cross_attention", false);
    int encoderHidden = args.positiveInt("encoder_hidden_size", hidden);
    String positions =
        args.oneOf(
            "position_embedding_type",
            "absolute",
            "absolute",
            "relative_key",
            "relative_key_query");
    int maxPositions = args.positiveInt("max_position_embeddings", 512);
    HuggingFace.keep(args, "vocab_size", "num_hidden_layers", "type_vocab_size");
    if (cross && !decoder) {
      throw args.refuse("add_cross_attention", "false unless is_decoder is true");
    }
    parts(hidden, false, dropout, () -> Parts.norm(epsilon, true, policy()));
    Config names = Config.of("names", NAMES);
    MultiHead self = attention(heads, hidden, attentionDropout, names);
    if (!positions.equals("absolute")) {
      Config c =
          Config.of(
              "max_positions",
              maxPositions,
              "keys",
              positions.equals("relative_key_query"),
              "dtype",
              policy());
      self.withPositions("self.distance_embedding", Layer.fromConfig(DistanceScores.TYPE, c));
    }
    selfAttention("attention", "attention.output.LayerNorm", self);
    if (cross) {
      crossAttention(
          "crossattention",
          "crossattention.output.LayerNorm",
          attention(heads, hidden, attentionDropout, names),
          encoderHidden);
    }
    feedForward(
        "intermediate.dense", null, "output.dense", "output.LayerNorm", inner, true, activation, 0);
  }
}
