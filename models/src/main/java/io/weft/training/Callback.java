package io.weft.training;

/**
 * Told what happens during training; all methods do nothing by default. Epochs and batches count
 * from 0. Called on the thread that called {@code fit}.
 */
public abstract class Callback {
  private Trainer trainer;

  final void attach(Trainer owner) {
    this.trainer = owner;
  }

  /** The training that this callback belongs to; null before it begins. */
  protected final Trainer trainer() {
    return trainer;
  }

  public void onTrainBegin() {}

  /** Training is over; not called where an exception ended it. */
  public void onTrainEnd() {}

  /** A further epoch begins; {@code steps} is −1 where the number of batches is not known. */
  public void onEpochBegin(int epoch, int epochs, int steps) {}

  /** An epoch and its validation are over; figures may be added for callbacks further on. */
  public void onEpochEnd(int epoch, Logs logs) {}

  /** An evaluation within the training begins. */
  public void onTestBegin() {}

  public void onTestEnd(Logs logs) {}

  /** Batches begin; with several steps an execution, the first of them. */
  public void onTrainBatchBegin(int batch) {}

  /**
   * A batch is over (with several steps an execution, the last of them); figures are running means
   * of the epoch.
   */
  public void onTrainBatchEnd(int batch, Logs logs) {}
}
