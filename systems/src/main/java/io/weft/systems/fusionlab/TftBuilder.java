package io.weft.systems.fusionlab;

import io.weft.layer.Layer;

/**
 * Optional settings of temporal fusion transformers, in the paper's layout unless another is set.
 *
 * @param <M> the model
 * @param <B> the builder itself
 */
public abstract class TftBuilder<M extends Layer, B extends TftBuilder<M, B>>
    extends Layer.Builder<M, B> {
  TftBuilder() {
    set("layout", Release.PAPER);
  }

  /** {@code paper}, or {@code fusionlab-0.5}, {@code -0.3}, {@code -0.2} for fusionlab's layout. */
  public final B layout(String layout) {
    return set("layout", layout);
  }

  /** Width of all hidden layers; default 32. */
  public final B hiddenUnits(int units) {
    return set("hidden_units", units);
  }

  /** Heads of the attention, a divisor of the hidden width in the paper's layout; default 4. */
  public final B numHeads(int heads) {
    return set("num_heads", heads);
  }

  /** Share of hidden elements dropped in training; default 0.1. */
  public final B dropoutRate(double rate) {
    return set("dropout_rate", rate);
  }

  /** Steps to forecast; default 1. */
  public final B forecastHorizon(int steps) {
    return set("forecast_horizon", steps);
  }

  /** Levels of the quantiles to forecast, in (0, 1); default none, which is a single forecast. */
  public final B quantiles(double... levels) {
    return set("quantiles", levels);
  }

  /** The hidden function by name, or null; default elu. */
  public final B activation(String name) {
    return set("activation", name);
  }

  /** Whether hidden layers are normalized over the batch; default false. */
  public final B useBatchNorm(boolean on) {
    return set("use_batch_norm", on);
  }

  /** Widths of the LSTMs, one layer for each; default one of the hidden width. */
  public final B lstmUnits(int... units) {
    return set("num_lstm_layers", units.length).set("lstm_units", units);
  }

  /** Values forecast at each step; default 1. */
  public final B outputDim(int values) {
    return set("output_dim", values);
  }
}
