package io.weft.engine.op;

import io.weft.engine.kernel.ReduceKernels;
import io.weft.engine.thread.Scratch;
import java.util.Arrays;

/**
 * The results of a tile program that are summed over leading axes: each task adds its tiles to sums
 * of its own, which are added in their order at the end. So any number of threads gives the same
 * bits.
 */
final class TileSums {
  private final int[] widths;
  private final int tasks;
  private final boolean none;

  /**
   * @param widths of each result, the sums it is added to, or 0
   * @param tasks parts of the work
   */
  TileSums(int[] widths, int tasks) {
    this.widths = widths;
    this.tasks = tasks;
    this.none = Arrays.stream(widths).allMatch(w -> w == 0);
  }

  boolean takes(int result) {
    return widths[result] > 0;
  }

  /** The arrays for a run: those of the results, or of the tasks' sums. */
  Object[] begin(Object[] out) {
    if (none) {
      return out;
    }
    Object[] arrays = out.clone();
    for (int i = 0; i < arrays.length; i++) {
      if (takes(i)) {
        int n = tasks * widths[i];
        float[] partial = tasks > 1 ? Scratch.take(n) : (float[]) out[i];
        Arrays.fill(partial, 0, n, 0f);
        arrays[i] = partial;
      }
    }
    return arrays;
  }

  /** Adds n elements, whole rows of sums. */
  void add(int result, float[] x, int xo, int n, float[] sums, int task) {
    int w = widths[result];
    ReduceKernels.add(x, xo, n / w, w, sums, task * w);
  }

  void end(Object[] arrays, Object[] out) {
    for (int i = 0; i < arrays.length; i++) {
      if (arrays[i] != out[i]) {
        float[] y = (float[]) out[i];
        Arrays.fill(y, 0, widths[i], 0f);
        ReduceKernels.add((float[]) arrays[i], 0, tasks, widths[i], y, 0);
        Scratch.give((float[]) arrays[i]);
      }
    }
  }
}
