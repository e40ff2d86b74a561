package io.weft.training;

import io.weft.optimizers.Optimizer;

/**
 * Puts the averages of the weights into the model while it is validated, or from the end of an
 * epoch to the next, and takes them back afterwards. The optimizer must have {@code use_ema}.
 */
public final class SwapEMAWeights extends Callback {
  private final boolean swapOnEpoch;
  private boolean swapped;
  private int epochs;

  public SwapEMAWeights(boolean swapOnEpoch) {
    this.swapOnEpoch = swapOnEpoch;
  }

  private void swap(boolean averages) {
    if (swapped != averages) {
      trainer().optimizer().swapAverages();
      swapped = averages;
    }
  }

  @Override
  public void onEpochBegin(int epoch, int total, int steps) {
    epochs = total;
    if (swapOnEpoch) {
      swap(false);
    }
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    if (swapOnEpoch) {
      swap(true);
      if (epoch == epochs - 1) {
        // the end of training copies the averages to the weights: they are there already
        Optimizer optimizer = trainer().optimizer();
        optimizer.resetAverages();
      }
    }
  }

  @Override
  public void onTestBegin() {
    swap(true);
  }

  @Override
  public void onTestEnd(Logs logs) {
    swap(false);
  }
}
