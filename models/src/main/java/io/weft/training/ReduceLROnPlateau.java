package io.weft.training;

import io.weft.error.ConfigException;
import io.weft.optimizers.Optimizer;
import java.util.Locale;

/** Lowers the learning rate when a figure has not improved for some epochs, and notes the rate. */
public final class ReduceLROnPlateau extends MonitorCallback {
  private final double factor;
  private final int patience;
  private final int cooldown;
  private final double minRate;
  private final boolean verbose;
  private Double best;
  private int wait;
  private int resting;

  /** Multiplies the rate by {@code factor} after {@code patience} epochs without improvement. */
  public ReduceLROnPlateau(String monitor, double factor, int patience) {
    this(monitor, factor, patience, "auto", 1e-4, 0, 0, false);
  }

  /** All of Keras' arguments. */
  public ReduceLROnPlateau(
      String monitor,
      double factor,
      int patience,
      String mode,
      double minDelta,
      int cooldown,
      double minRate,
      boolean verbose) {
    super(monitor, mode, minDelta);
    if (!(factor < 1)) {
      throw new ConfigException(
          "ReduceLROnPlateau: factor must be below 1. Received: factor=" + factor);
    }
    this.factor = factor;
    this.patience = patience;
    this.cooldown = cooldown;
    this.minRate = minRate;
    this.verbose = verbose;
  }

  @Override
  public void onTrainBegin() {
    best = null;
    wait = 0;
    resting = 0;
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    logs.put("learning_rate", trainer().optimizer().learningRate());
    if (!logs.has(monitor())) {
      return;
    }
    double now = logs.get(monitor());
    if (resting > 0) {
      resting--;
      wait = 0;
    }
    if (improves(now, best)) {
      best = now;
      wait = 0;
    } else if (resting == 0 && ++wait >= patience) {
      reduce(epoch);
    }
  }

  private void reduce(int epoch) {
    Optimizer optimizer = trainer().optimizer();
    double old = optimizer.learningRate();
    if (old > (float) minRate) {
      double rate = Math.max(old * factor, minRate);
      optimizer.setLearningRate(rate);
      resting = cooldown;
      wait = 0;
      if (verbose) {
        System.out.printf(
            Locale.ROOT,
            "%nEpoch %d: ReduceLROnPlateau reducing learning rate to %s.%n",
            epoch + 1,
            rate);
      }
    }
  }
}
