package io.weft.training;

/** Ends the training when the loss of a batch is not finite: quietly, or with an exception. */
public final class TerminateOnNaN extends Callback {
  private final boolean raiseError;

  /** Ends training quietly. */
  public TerminateOnNaN() {
    this(false);
  }

  /** Ends training, with an {@link ArithmeticException} if wanted. */
  public TerminateOnNaN(boolean raiseError) {
    this.raiseError = raiseError;
  }

  @Override
  public void onTrainBatchEnd(int batch, Logs logs) {
    if (!logs.has("loss") || Double.isFinite(logs.get("loss"))) {
      return;
    }
    if (raiseError) {
      throw new ArithmeticException(
          "NaN or Inf loss encountered at batch " + batch + ": " + logs.get("loss"));
    }
    System.out.println("Batch " + batch + ": Invalid loss, terminating training");
    trainer().stop();
  }
}
