package io.weft.engine.kernel;

import io.weft.engine.thread.WorkerTeam;

/**
 * Geometry of a whole recurrent sequence: input (batch, steps, features), states (batch, units).
 * With {@code reverse} the steps are read from the last to the first; outputs and everything saved
 * for the gradient are in the order of processing, as Keras' {@code go_backwards}.
 */
public record RnnShape(int batch, int steps, int features, int units, boolean reverse) {
  /** Rows of the batch that one task takes through all steps. */
  private static final int CHUNK = 16;

  /** Work on rows {@code from … from + part.batch() - 1} of the batch. */
  interface Part {
    void run(RnnShape part, int from);
  }

  /** Runs {@code body} over all rows of the batch, some rows in each task. */
  void inParts(Part body) {
    int tasks = (batch + CHUNK - 1) / CHUNK;
    WorkerTeam.shared()
        .parallel(
            tasks,
            t -> {
              int from = t * CHUNK;
              int n = Math.min(CHUNK, batch - from);
              body.run(new RnnShape(n, steps, features, units, reverse), from);
            });
  }

  int rows() {
    return batch * steps;
  }
}
