package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.attention.HierarchicalAttention;
import io.weft.layers.attention.MemoryAugmentedAttention;

/** Makes the parts of {@link ExtremeModel} by their names, which weight files use. */
record ExtremeParts(
    DTypePolicy policy,
    int staticDim,
    int dynamicDim,
    int futureDim,
    int embed,
    int horizon,
    double[] quantiles,
    int window,
    int memory,
    int heads,
    double rate,
    int outputs,
    int decoder,
    int attention,
    int hidden,
    int lstm,
    int[] scales,
    boolean sequences,
    String activation,
    boolean residuals,
    boolean norm,
    boolean scored,
    Release release) {

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
              Config.of("lstm_units", lstm, "scales", scales, "return_sequences", sequences));
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
      case "anomaly_attention" -> scored ? Parts.attention(1, hidden, 0, policy) : null;
      case "anomaly_projection" -> scored ? Parts.dense(hidden, null, policy) : null;
      case "anomaly_scorer" -> scored ? Parts.dense(1, null, policy) : null;
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
