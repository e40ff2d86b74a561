package io.weft.training;

import io.weft.tensor.Tensor;
import java.util.List;

/** Stops training when a figure has not improved for some epochs. */
public final class EarlyStopping extends MonitorCallback {
  private final int patience;
  private final Double baseline;
  private final boolean restoreBestWeights;
  private final int startFromEpoch;
  private int wait;
  private int stoppedEpoch;
  private int bestEpoch;
  private Double best;
  private List<Tensor> bestWeights;

  /** Watches {@code monitor}; stops after {@code patience} epochs without improvement. */
  public EarlyStopping(String monitor, int patience, boolean restoreBestWeights) {
    this(monitor, 0, patience, "auto", null, restoreBestWeights, 0);
  }

  /** All of Keras' arguments; {@code baseline} may be null. */
  public EarlyStopping(
      String monitor,
      double minDelta,
      int patience,
      String mode,
      Double baseline,
      boolean restoreBestWeights,
      int startFromEpoch) {
    super(monitor, mode, minDelta);
    this.patience = patience;
    this.baseline = baseline;
    this.restoreBestWeights = restoreBestWeights;
    this.startFromEpoch = startFromEpoch;
  }

  @Override
  public void onTrainBegin() {
    wait = 0;
    stoppedEpoch = 0;
    bestEpoch = 0;
    best = null;
    bestWeights = null;
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    if (!logs.has(monitor()) || epoch < startFromEpoch) {
      return;
    }
    double now = logs.get(monitor());
    if (restoreBestWeights && bestWeights == null) {
      keep(epoch);
    }
    wait++;
    if (improves(now, best)) {
      best = now;
      if (restoreBestWeights) {
        keep(epoch);
      }
      bestEpoch = epoch;
      if (baseline == null || improves(now, baseline)) {
        wait = 0;
      }
      return;
    }
    if (wait >= patience && epoch > 0) {
      stoppedEpoch = epoch;
      trainer().stop();
    }
  }

  private void keep(int epoch) {
    bestWeights = trainer().layer().getWeights();
    bestEpoch = epoch;
  }

  @Override
  public void onTrainEnd() {
    if (bestWeights != null) {
      trainer().layer().setWeights(bestWeights);
    }
  }

  /** The epoch at which training was stopped, or 0. */
  public int stoppedEpoch() {
    return stoppedEpoch;
  }

  /** The epoch of the best figure. */
  public int bestEpoch() {
    return bestEpoch;
  }
}
