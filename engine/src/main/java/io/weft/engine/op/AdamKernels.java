package io.weft.engine.op;

import io.weft.engine.kernel.AdamRates;
import io.weft.engine.kernel.ArrayKernel;
import io.weft.engine.kernel.ElementKernel;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import io.weft.fused.AdamStep;
import io.weft.fused.AdamStep.Given;
import io.weft.tensor.DType;
import io.weft.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;

/** Steps of Adam in float32, read and written once; other dtypes go by the decomposition. */
final class AdamKernels {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();
  private static final int TASK = 1 << 14;

  private AdamKernels() {}

  static void register(Kernels k) {
    k.put(AdamStep.class, AdamKernels::make);
  }

  private static Kernel make(AdamStep op, List<TensorSpec> in, List<TensorSpec> out) {
    if (in.get(0).dtype() != DType.FLOAT32) {
      return null;
    }
    int size = in.get(0).shape().intSize();
    float rate1 = (float) (1 - op.beta1());
    float rate2 = (float) (1 - op.beta2());
    float epsilon = (float) op.epsilon();
    Slices slices = op.given().ofSlices() ? Slices.of(op.given(), in) : null;
    return new Kernel() {
      @Override
      public void run(Object[] x, Object[] y) {
        float[][] weight = {(float[]) x[0], (float[]) x[1], (float[]) x[2]};
        float[][] to = {(float[]) y[0], (float[]) y[1], (float[]) y[2]};
        float alpha = ((float[]) x[x.length - 1])[0];
        AdamRates rates = new AdamRates(rate1, rate2, alpha, epsilon);
        if (slices != null) {
          slices.run(weight, to, x[3], (float[]) x[4], rates);
          return;
        }
        float[] g = (float[]) x[3];
        float[] s = op.given() == Given.SQUARE_TOO ? (float[]) x[4] : null;
        WorkerTeam.shared()
            .parallel(
                (size + TASK - 1) / TASK,
                t -> {
                  int at = t * TASK;
                  int n = Math.min(TASK, size - at);
                  ElementKernel.of(n).adam(weight, to, at, g, s, at, rates, n);
                });
      }

      @Override
      public boolean mayOverwrite(int input, int output) {
        return input == output;
      }
    };
  }

  /**
   * The step of a table whose gradient is given as slices: blocks of rows, whose slices are found
   * by way of lists, one for each row, in the order of the slices.
   */
  private record Slices(boolean summed, DType type, int count, int rows, int width) {
    static Slices of(Given given, List<TensorSpec> in) {
      TensorSpec indices = in.get(3);
      int rows = in.get(0).shape().dim(0);
      int size = in.get(0).shape().intSize();
      int width = rows == 0 ? 0 : size / rows;
      boolean summed = given == Given.SUMMED_SLICES;
      return new Slices(summed, indices.dtype(), indices.shape().intSize(), rows, width);
    }

    void run(float[][] weight, float[][] to, Object indices, float[] d, AdamRates rates) {
      int[] row = IndexingKernels.rows(type, indices, count, rows);
      int[] first = new int[rows];
      int[] next = new int[count];
      Arrays.fill(first, -1);
      for (int i = count - 1; i >= 0; i--) {
        next[i] = first[row[i]];
        first[row[i]] = i;
      }
      int perTask = Math.max(1, TASK / Math.max(1, width));
      int perBlock = Math.max(1, (TASK >> 2) / Math.max(1, width));
      WorkerTeam.shared()
          .parallel(
              (rows + perTask - 1) / perTask,
              t -> {
                int end = Math.min(rows, (t + 1) * perTask);
                float[] g = Scratch.take(perBlock * width);
                float[] s = summed ? null : Scratch.take(perBlock * width);
                boolean clear = false;
                try {
                  for (int r = t * perTask; r < end; r += perBlock) {
                    int n = Math.min(perBlock, end - r) * width;
                    if (!clear) {
                      Arrays.fill(g, 0, perBlock * width, 0f);
                      if (!summed) {
                        Arrays.fill(s, 0, perBlock * width, 0f);
                      }
                      clear = true;
                    }
                    for (int at = 0; at < n; at += width) {
                      for (int i = first[r + at / width]; i >= 0; i = next[i]) {
                        add(d, i * width, g, s, at);
                        clear = false;
                      }
                    }
                    ElementKernel.of(n).adam(weight, to, r * width, g, s, 0, rates, n);
                  }
                } finally {
                  Scratch.give(s);
                  Scratch.give(g);
                }
              });
    }

    private void add(float[] d, int from, float[] g, float[] s, int at) {
      if (s == null) {
        ARRAYS.add(d, from, g, at, width);
        return;
      }
      for (int i = 0; i < width; i++) {
        float x = d[from + i];
        g[at + i] += x;
        s[at + i] += x * x;
      }
    }
  }
}
