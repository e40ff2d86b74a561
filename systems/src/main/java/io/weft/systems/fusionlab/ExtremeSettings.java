package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.attention.HierarchicalAttention;
import io.weft.layers.attention.MemoryAugmentedAttention;
import io.weft.tensor.Tensor;

/**
 * The arguments of {@link ExtremeModel}, and its parts made after them by the names that weight
 * files use.
 */
final class ExtremeSettings {
  private static final String ANOMALY = "anomaly_config";

  final int staticDim;
  final int dynamicDim;
  final int futureDim;
  final double[] quantiles;
  final String multiScaleAgg;
  final String finalAgg;
  final String strategy;
  final double anomalyWeight;
  final Tensor givenScores;
  final Architecture architecture;
  final boolean integrated;
  final Release release;
  final boolean defects;

  private final Args args;
  private final DTypePolicy policy;
  private final int embed;
  private final int horizon;
  private final int window;
  private final int memory;
  private final int heads;
  private final double rate;
  private final int outputs;
  private final int decoder;
  private final int attention;
  private final int hidden;
  private final int lstm;
  private final int[] scales;
  private final String activation;
  private final boolean residuals;
  private final boolean norm;

  /**
   * Reads the arguments in the originals' order.
   *
   * @param isSuper whether they are those of {@link SuperXTFT}
   */
  ExtremeSettings(Args args, DTypePolicy policy, boolean isSuper) {
    this.args = args;
    this.policy = policy;
    staticDim = args.positiveInt("static_input_dim");
    dynamicDim = args.positiveInt("dynamic_input_dim");
    futureDim = args.positiveInt("future_input_dim");
    embed = args.positiveInt("embed_dim", 32);
    horizon = args.positiveInt("forecast_horizon", 1);
    quantiles = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    window = args.positiveInt("max_window_size", 10);
    memory = args.positiveInt("memory_size", 100);
    heads = args.positiveInt("num_heads", 4);
    rate = args.fraction("dropout_rate", 0.1);
    outputs = args.positiveInt("output_dim", 1);
    attention = args.positiveInt("attention_units", 32);
    hidden = args.positiveInt("hidden_units", 64);
    lstm = args.positiveInt("lstm_units", 64);
    scales = Parts.scales(args, "scales");
    multiScaleAgg =
        Parts.oneOfOrNull(
            args,
            "multi_scale_agg",
            isSuper ? "auto" : null,
            "last",
            "average",
            "flatten",
            "auto",
            "sum",
            "concat");
    activation = Parts.activation(args, "activation", "relu");
    residuals = args.bool("use_residuals", true);
    norm = args.bool("use_batch_norm", false);
    finalAgg = args.oneOf("final_agg", "last", "last", "average", "flatten");
    Object anomaly = args.any(ANOMALY, null);
    strategy =
        Parts.oneOfOrNull(
            args,
            "anomaly_detection_strategy",
            null,
            "prediction_based",
            "feature_based",
            "from_config");
    double weight = args.number("anomaly_loss_weight", isSuper ? 1.0 : 0.1);
    if (anomaly != null && !(anomaly instanceof Config)) {
      throw args.refuse(ANOMALY, "a map of anomaly_scores and anomaly_loss_weight, or null");
    }
    Config given = anomaly == null ? Config.EMPTY : (Config) anomaly;
    anomalyWeight = given.get("anomaly_loss_weight") instanceof Number n ? n.doubleValue() : weight;
    givenScores = Scores.orNull(args, ANOMALY, given.get("anomaly_scores"));
    if (givenScores != null && (givenScores.rank() != 2 || givenScores.dim(1) != horizon)) {
      throw args.refuse(ANOMALY, "a map with anomaly_scores (batch, " + horizon + ")");
    }
    args.note("anomaly_loss_weight", anomalyWeight);
    args.note(
        ANOMALY,
        Config.of(
            "anomaly_scores", given.get("anomaly_scores"), "anomaly_loss_weight", anomalyWeight));
    release = Release.of(args);
    defects = Parts.option(args, "defects", false);
    architecture =
        release == Release.V05 ? readArchitecture() : Architecture.of(null, true, null, null);
    integrated = !isSuper || release != Release.V05 || readFusionMode();
    decoder = isSuper ? decoderUnits() : outputs;
  }

  private Architecture readArchitecture() {
    String key = "architecture_config";
    Object v = args.any(key, null);
    if (v != null && !(v instanceof Config)) {
      throw args.refuse(key, "a map or null");
    }
    Config map = v == null ? Config.EMPTY : (Config) v;
    boolean select = !Boolean.FALSE.equals(map.get("use_vsn"));
    Architecture a = Architecture.of(null, select, null, map.without("use_vsn"));
    args.note(key, a.config());
    return a;
  }

  private int decoderUnits() {
    if (args.any("decoder_units", null) == null) {
      args.forget("decoder_units");
      return outputs;
    }
    return args.positiveInt("decoder_units");
  }

  private boolean readFusionMode() {
    String mode =
        Parts.oneOfOrNull(
            args, "fusion_mode", null, "integrated", "disjoint", "independent", "isolated");
    String settled = mode == null || mode.equals("integrated") ? "integrated" : "disjoint";
    args.note("fusion_mode", settled);
    return settled.equals("integrated");
  }

  private boolean isScored() {
    return "feature_based".equals(strategy);
  }

  /** The part, or null if the arguments do not ask for it. */
  Layer make(String name) {
    return switch (name) {
      case "variable_selection_static" -> selection(staticDim, false);
      case "variable_selection_dynamic" -> selection(dynamicDim, true);
      case "variable_future_covariate" -> selection(futureDim, true);
      case "dense_static", "dense_dynamic", "dense_future_covariate", "static_dense" ->
          Parts.dense(hidden, activation, policy);
      case "learned_normalization" -> of(LearnedNormalization.TYPE, Config.EMPTY);
      case "static_batch_norm" -> norm ? Parts.norm(policy) : null;
      case "static_dropout" -> Parts.dropout(rate, policy);
      case "grn_static" -> grn(hidden);
      case "multi_modal_embedding" -> of(MultiModalEmbedding.TYPE, Config.of("embed_dim", embed));
      case "positional_encoding" ->
          of(PositionalEncoding.TYPE, Config.of("layout", release.text()));
      case "residual_dense" -> residuals ? Parts.dense(2 * embed, null, policy) : null;
      case "multi_scale_lstm" ->
          of(
              MultiScaleLSTM.TYPE,
              Config.of(
                  "lstm_units", lstm, "scales", scales, "return_sequences", multiScaleAgg != null));
      case "hierarchical_attention" -> of(HierarchicalAttention.TYPE, attentions());
      case "cross_attention" -> of(CrossAttention.TYPE, attentions());
      case "memory_augmented_attention" ->
          of(MemoryAugmentedAttention.TYPE, attentions().with("memory_size", memory));
      case "multi_resolution_attention_fusion" ->
          of(MultiResolutionAttentionFusion.TYPE, attentions());
      case "grn_attention_hierarchical", "grn_attention_cross", "grn_memory_attention" ->
          grn(attention);
      case "grn_decoder" -> grn(decoder);
      case "dynamic_time_window" ->
          of(DynamicTimeWindow.TYPE, Config.of("max_window_size", window));
      case "multi_decoder" ->
          of(MultiDecoder.TYPE, Config.of("output_dim", decoder, "num_horizons", horizon));
      case "quantile_distribution_modeling" ->
          of(
              QuantileDistributionModeling.TYPE,
              Config.of("quantiles", quantiles, "output_dim", outputs));
      case "anomaly_attention" -> isScored() ? Parts.attention(1, hidden, 0, policy) : null;
      case "anomaly_projection" -> isScored() ? Parts.dense(hidden, null, policy) : null;
      case "anomaly_scorer" -> isScored() ? Parts.dense(1, null, policy) : null;
      default -> throw new IllegalArgumentException(name);
    };
  }

  private Config attentions() {
    return Config.of("units", attention, "num_heads", heads);
  }

  private GatedResidualNetwork grn(int width) {
    return Parts.grn(width, rate, activation, norm, policy);
  }

  private Layer selection(int variables, boolean overTime) {
    return of(
        VariableSelectionNetwork.TYPE,
        Config.of(
            "num_inputs",
            variables,
            "units",
            hidden,
            "dropout_rate",
            rate,
            "use_time_distributed",
            overTime,
            "activation",
            activation,
            "use_batch_norm",
            norm));
  }

  private Layer of(LayerType<?> type, Config config) {
    return Layer.fromConfig(type, config.with("dtype", policy));
  }
}
