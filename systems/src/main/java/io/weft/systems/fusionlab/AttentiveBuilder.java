package io.weft.systems.fusionlab;

import io.weft.layer.Layer;

/**
 * Optional settings that {@link HALNet} and {@link BaseAttentive} share.
 *
 * @param <L> the model
 * @param <B> the builder itself
 */
public abstract class AttentiveBuilder<L extends AttentiveModel, B extends AttentiveBuilder<L, B>>
    extends Layer.Builder<L, B> {
  AttentiveBuilder(int staticDim, int dynamicDim, int futureDim) {
    set("static_input_dim", staticDim);
    set("dynamic_input_dim", dynamicDim);
    set("future_input_dim", futureDim);
  }

  /** Targets at each step; default 1. */
  public final B outputDim(int n) {
    return set("output_dim", n);
  }

  /** Steps to forecast; default 1. */
  public final B forecastHorizon(int steps) {
    return set("forecast_horizon", steps);
  }

  /** Levels of quantiles, in (0, 1); default none. */
  public final B quantiles(double... levels) {
    return set("quantiles", levels);
  }

  /** Width of embedded past and future features; default 32. */
  public final B embedDim(int n) {
    return set("embed_dim", n);
  }

  /** Width of the static context; default 64. */
  public final B hiddenUnits(int n) {
    return set("hidden_units", n);
  }

  /** Width of each LSTM; default 64. */
  public final B lstmUnits(int n) {
    return set("lstm_units", n);
  }

  /** Width of the attentions; default 32. */
  public final B attentionUnits(int n) {
    return set("attention_units", n);
  }

  /** Heads of the attentions; default 4. */
  public final B numHeads(int n) {
    return set("num_heads", n);
  }

  /** Share of hidden values dropped in training, in [0, 1); default 0.1. */
  public final B dropoutRate(double rate) {
    return set("dropout_rate", rate);
  }

  /** Steps of the past; default 10. */
  public final B maxWindowSize(int steps) {
    return set("max_window_size", steps);
  }

  /** Rows of the memory; default 100. */
  public final B memorySize(int rows) {
    return set("memory_size", rows);
  }

  /** Strides of the LSTMs; default one LSTM over every step. */
  public final B scales(int... strides) {
    return set("scales", strides);
  }

  /** {@code last}, {@code average} or {@code flatten} over the horizon; default last. */
  public final B finalAgg(String kind) {
    return set("final_agg", kind);
  }

  /** The hidden activation by name; default relu. */
  public final B activation(String name) {
    return set("activation", name);
  }

  /** Whether sums and normalizations go round the attentions; default true. */
  public final B useResiduals(boolean on) {
    return set("use_residuals", on);
  }

  /** Whether variables are selected; default true. */
  public final B useVsn(boolean on) {
    return set("use_vsn", on);
  }

  /** {@code tft_like} or {@code pihal_like}: what the future covers. */
  public final B mode(String mode) {
    return set("mode", mode);
  }
}
