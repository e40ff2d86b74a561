package io.weft.machinecode.gemm;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.gemm.RowAction;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Tries every kernel of {@link MachineGemmKernel} before it serves: each height of a tile, whole
 * and partial panels, transposed operands, old values of C kept or not, against sums in double.
 */
public final class GemmSelfTest {
  private static final int SHORT = 5; // a round of the unrolled loop and one more
  private static final int LONG = 21; // whole blocks of the transposition and a rest
  private static final float CANARY = 12345f;

  private GemmSelfTest() {}

  /**
   * Runs it.
   *
   * @throws IllegalStateException if a kernel gives a wrong number or touches what is not its own
   */
  public static void run(MachineGemmKernel kernel) {
    int tallest = kernel.rowStep();
    for (int m = 1; m <= tallest; m++) {
      product(kernel, m, kernel.panelWidth() + 1 + m % 7, SHORT, m % 2 == 0, m % 4 < 2);
      product(kernel, m, 1 + m % (kernel.panelWidth() / 2), SHORT, m % 4 < 2, m % 2 == 0);
    }
    product(kernel, 1, 5 * kernel.panelWidth() + 3, SHORT, false, true);
    product(kernel, 2 * tallest - 1, 2 * kernel.panelWidth(), LONG, true, true);
    each(kernel, 2 * tallest - 1, kernel.panelWidth() + 3);
  }

  /** Two products in one call have the bits of two calls. */
  private static void each(MachineGemmKernel kernel, int m, int n) {
    float[] a = numbers(2 * m * SHORT, 7);
    PackedB packed = kernel.pack(2 * SHORT, n, numbers(2 * SHORT * n, 5), 0, n, 1);
    float[] c = new float[2 * m * n];
    long stepA = (long) m * SHORT * Float.BYTES;
    long stepC = (long) m * n * Float.BYTES;
    MemorySegment left = MemorySegment.ofArray(a);
    kernel.multiplyEach(2, m, SHORT, left, stepA, packed, MemorySegment.ofArray(c), stepC);
    float[] expected = new float[c.length];
    int panels = kernel.panels(n);
    for (int q = 0; q < 2; q++) {
      int k = q * SHORT;
      int to = q * m * n;
      kernel.multiply(
          m, a, m * k, SHORT, 1, packed, k, k + SHORT, 0, panels, expected, to, n, false);
    }
    if (!Arrays.equals(c, expected)) {
      throw new IllegalStateException("machine code: two products in one call gave other numbers");
    }
  }

  private static void product(
      MachineGemmKernel kernel, int m, int n, int depth, boolean turned, boolean accumulate) {
    int ldc = n + 3;
    float[] a = numbers(1 + m * depth, 7);
    float[] b = numbers(2 + n * depth, 5);
    float[] c = new float[1 + m * ldc];
    Arrays.fill(c, CANARY);
    int rsA = turned ? 1 : depth;
    int csA = turned ? m : 1;
    int rsB = turned ? 1 : n;
    int csB = turned ? depth : 1;
    PackedB packed = kernel.pack(depth, n, b, 2, rsB, csB);
    BiasAndRelu last = new BiasAndRelu(numbers(n, 3), numbers(n, 9), turned);
    kernel.multiplyThen(
        m,
        a,
        1,
        rsA,
        csA,
        packed,
        0,
        kernel.panels(n),
        c,
        1,
        ldc,
        accumulate,
        new Epilogue(null, 0, last));
    for (int i = 0; i < c.length; i++) {
      int row = (i - 1) / ldc;
      int column = (i - 1) % ldc;
      double expected = CANARY;
      if (i > 0 && column < n) {
        expected = accumulate ? CANARY : 0;
        for (int k = 0; k < depth; k++) {
          expected += (double) a[1 + row * rsA + k * csA] * b[2 + k * rsB + column * csB];
        }
        expected = last.expected(expected, column);
      }
      if (!(Math.abs(c[i] - expected) <= 1e-6 * (1 + Math.abs(expected)))) {
        throw new IllegalStateException(
            "machine code: a product of "
                + m
                + " rows and "
                + n
                + " columns gave "
                + c[i]
                + " for "
                + expected);
      }
    }
  }

  /** Asks the kernel for both, or for all that it can do. */
  private record BiasAndRelu(float[] bias, float[] factor, boolean more) implements RowAction {
    private static final float MOST = 9;

    @Override
    public void apply(float[] c, int offset, int n) {
      throw new IllegalStateException("machine code: bias and relu were left to others");
    }

    @Override
    public Epilogue.Simple simple() {
      return more
          ? new Epilogue.Simple(bias, factor, bias, 0, true, MOST, null)
          : new Epilogue.Simple(bias, 0, true);
    }

    double expected(double sum, int column) {
      double v = sum + bias[column];
      return more ? Math.min(MOST, Math.max(0, v * factor[column] + bias[column])) : Math.max(0, v);
    }
  }

  /** Small multiples of 1/8, so that sums are exact. */
  private static float[] numbers(int n, int step) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (i * step % 23 - 11) / 8f;
    }
    return x;
  }
}
