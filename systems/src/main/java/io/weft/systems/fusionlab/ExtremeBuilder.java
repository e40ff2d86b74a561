package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.Layer;
import java.util.List;

/**
 * Optional settings of extreme temporal fusion transformers.
 *
 * @param <M> the model
 * @param <B> the builder itself
 */
public abstract class ExtremeBuilder<M extends Layer, B extends ExtremeBuilder<M, B>>
    extends Layer.Builder<M, B> {
  ExtremeBuilder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
    set("static_input_dim", staticInputDim);
    set("dynamic_input_dim", dynamicInputDim);
    set("future_input_dim", futureInputDim);
  }

  /** Width of the embedding of each input; default 32. */
  public final B embedDim(int width) {
    return set("embed_dim", width);
  }

  /** Steps to forecast; default 1. */
  public final B forecastHorizon(int steps) {
    return set("forecast_horizon", steps);
  }

  /** Levels of the quantiles to forecast, in (0, 1); default none, which is a single forecast. */
  public final B quantiles(double... levels) {
    return set("quantiles", levels);
  }

  /** The last steps that the forecast is decoded from; default 10. */
  public final B maxWindowSize(int steps) {
    return set("max_window_size", steps);
  }

  /** Rows of the memory; default 100. */
  public final B memorySize(int rows) {
    return set("memory_size", rows);
  }

  /** Heads of each attention; default 4. */
  public final B numHeads(int heads) {
    return set("num_heads", heads);
  }

  /** Share of hidden elements dropped in training; default 0.1. */
  public final B dropoutRate(double rate) {
    return set("dropout_rate", rate);
  }

  /** Values forecast at each step; default 1. */
  public final B outputDim(int values) {
    return set("output_dim", values);
  }

  /** Width of the attentions and of each of their heads; default 32. */
  public final B attentionUnits(int units) {
    return set("attention_units", units);
  }

  /** Width of hidden layers; default 64. */
  public final B hiddenUnits(int units) {
    return set("hidden_units", units);
  }

  /** Width of each LSTM; default 64. */
  public final B lstmUnits(int units) {
    return set("lstm_units", units);
  }

  /** Strides of the LSTMs over the past; default one LSTM over all steps. */
  public final B scales(int... strides) {
    return set("scales", strides);
  }

  /** How the scales become one vector: see {@link Aggregation#multiscale}. */
  public final B multiScaleAgg(String mode) {
    return set("multi_scale_agg", mode);
  }

  /** The hidden function by name, or null; default relu. */
  public final B activation(String name) {
    return set("activation", name);
  }

  /** Whether a projection is added to the embeddings; default true. */
  public final B useResiduals(boolean on) {
    return set("use_residuals", on);
  }

  /** Whether hidden layers are normalized; default false. */
  public final B useBatchNorm(boolean on) {
    return set("use_batch_norm", on);
  }

  /** How the window becomes one vector: {@code last} (the default), {@code average}, flatten. */
  public final B finalAgg(String mode) {
    return set("final_agg", mode);
  }

  /** {@code prediction_based}, {@code feature_based}, or null (the default). */
  public final B anomalyDetection(String strategy) {
    return set("anomaly_detection_strategy", strategy);
  }

  /** Factor of the anomaly loss. */
  public final B anomalyLossWeight(double weight) {
    return set("anomaly_loss_weight", weight);
  }

  /** Which of {@code cross}, {@code hierarchical}, {@code memory} there are; default all. */
  public final B attentions(String... names) {
    return set("architecture_config", Config.of("decoder_attention_stack", List.of(names)));
  }

  /** The release whose model it is, such as {@code fusionlab-0.3}; default that of 0.5. */
  public final B layout(String layout) {
    return set("layout", layout);
  }

  @Override
  public abstract M build();
}
