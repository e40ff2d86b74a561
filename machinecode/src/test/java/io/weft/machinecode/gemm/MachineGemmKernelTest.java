package io.weft.machinecode.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.GemmKernel;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.gemm.RowAction;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Guarded;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MachineGemmKernelTest {
  static Stream<MachineGemmKernel> kernels() {
    return Stream.of(Isa.values())
        .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
        .map(MachineGemmKernel::new);
  }

  private static float[] numbers(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void passesItsSelfTest(MachineGemmKernel kernel) {
    GemmSelfTest.run(kernel);
  }

  /** All transpositions, distances between rows, offsets; and nothing beside C changes. */
  @ParameterizedTest
  @MethodSource("kernels")
  void agreesWithDoubleSums(MachineGemmKernel kernel) {
    Random random = new Random(3);
    for (int q = 0; q < 500; q++) {
      boolean large = q % 50 == 0;
      int m = 1 + random.nextInt(large ? 400 : 70);
      int n = 1 + random.nextInt(large ? 1000 : 100);
      int k = 1 + random.nextInt(large ? 900 : 90);
      boolean turnedA = random.nextBoolean();
      boolean turnedB = random.nextBoolean();
      boolean add = random.nextBoolean();
      boolean packed = random.nextBoolean();
      int rowA = (turnedA ? m : k) + random.nextInt(3);
      rowA = q % 7 == 0 ? (rowA + 1023) / 1024 * 1024 : rowA;
      int rowB = (turnedB ? k : n) + random.nextInt(3);
      int ldc = n + random.nextInt(3);
      int rsA = turnedA ? 1 : rowA;
      int csA = turnedA ? rowA : 1;
      int rsB = turnedB ? 1 : rowB;
      int csB = turnedB ? rowB : 1;
      float[] a = numbers(random, 1 + rowA * (turnedA ? k : m));
      float[] b = numbers(random, 2 + rowB * (turnedB ? n : k));
      float[] c = numbers(random, 3 + ldc * m + 5);
      float[] expected = c.clone();
      if (packed) {
        PackedB p = kernel.pack(k, n, b, 2, rsB, csB);
        kernel.multiply(m, a, 1, rsA, csA, p, 0, k, 0, kernel.panels(n), c, 3, ldc, add);
      } else {
        kernel.multiplyUnpacked(m, n, k, a, 1, rsA, csA, b, 2, rsB, csB, c, 3, ldc, add);
      }
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          int at = 3 + i * ldc + j;
          double sum = add ? expected[at] : 0;
          for (int p = 0; p < k; p++) {
            sum += (double) a[1 + i * rsA + p * csA] * b[2 + p * rsB + j * csB];
          }
          if (!(Math.abs(c[at] - sum) <= 3e-6 * Math.sqrt(k))) {
            assertThat((double) c[at])
                .as("%d×%d×%d %s %s at %d, %d", m, n, k, turnedA, turnedB, i, j)
                .isCloseTo(sum, within(3e-6 * Math.sqrt(k)));
          }
          expected[at] = c[at];
        }
      }
      assertThat(c).as("nothing outside of C").isEqualTo(expected);
    }
  }

  /** The whole sum, and its parts line by line; in any order of lines. */
  @ParameterizedTest
  @MethodSource("kernels")
  void sumsOfLinesAgreeWithDoubleSums(MachineGemmKernel kernel) {
    Random random = new Random(4);
    for (int q = 0; q < 400; q++) {
      boolean large = q % 40 == 0;
      int m = 1 + random.nextInt(large ? 300 : 60);
      int n = 1 + random.nextInt(large ? 1100 : 70);
      n = q % 3 == 0 ? (n + 15) / 16 * 16 : n;
      GemmKernel.Lines walk =
          new GemmKernel.Lines(
              1 + random.nextInt(3),
              random.nextInt(200),
              1 + random.nextInt(4),
              random.nextInt(90),
              1 + random.nextInt(large ? 200 : 20),
              random.nextInt(9));
      int lines = walk.planes() * walk.lines();
      int from = (walk.planes() - 1) * walk.plane() + (walk.lines() - 1) * walk.line();
      float[] a = numbers(random, 2 + from + (walk.terms() - 1) * walk.term() + m);
      float[] b = numbers(random, 1 + lines * walk.terms() * n);
      int ldc = n + random.nextInt(3);
      float[] c = numbers(random, 3 + ldc * m + 5);
      float[] expected = c.clone();
      kernel.addLines(m, n, walk, a, 2, b, 1, c, 3, ldc);
      double near = 4e-6 * Math.sqrt(lines * walk.terms());
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = expected[3 + i * ldc + j];
          for (int k = 0; k < lines * walk.terms(); k++) {
            int line = k / walk.terms();
            int at = line / walk.lines() * walk.plane() + line % walk.lines() * walk.line();
            sum += (double) a[2 + at + k % walk.terms() * walk.term() + i] * b[1 + k * n + j];
          }
          int at = 3 + i * ldc + j;
          if (!(Math.abs(c[at] - sum) <= near)) {
            assertThat((double) c[at]).as("%d×%d %s", m, n, walk).isCloseTo(sum, within(near));
          }
          expected[at] = c[at];
        }
      }
      assertThat(c).as("nothing outside of C").isEqualTo(expected);
    }
    GemmKernel.Lines walk = new GemmKernel.Lines(2, 9, 2, 4, 3, 1);
    float[] x = new float[64];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.addLines(50, 1, walk, x, 0, x, 0, x, 0, 1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.addLines(2, 16, walk, x, 0, x, 0, x, 0, 16));
  }

  /** Several products in one call, between inaccessible pages. */
  @ParameterizedTest
  @MethodSource("kernels")
  void productsOfEqualSizesGiveTheBitsOfEach(MachineGemmKernel kernel) {
    Random random = new Random(4);
    for (int q = 0; q < 60; q++) {
      int count = 1 + random.nextInt(5);
      int m = 1 + random.nextInt(40);
      int n = 1 + random.nextInt(100);
      int k = 1 + random.nextInt(20);
      int gapA = random.nextInt(3);
      int gapC = random.nextInt(3);
      float[] a = numbers(random, count * (m * k + gapA) - gapA);
      float[] b = numbers(random, count * k * n);
      float[] c = numbers(random, count * (m * n + gapC) - gapC);
      PackedB p = kernel.pack(count * k, n, b, 0, n, 1);
      MemorySegment result = Guarded.copy(c, q % 2 == 0);
      long stepA = (m * k + gapA) * (long) Float.BYTES;
      long stepC = (m * n + gapC) * (long) Float.BYTES;
      kernel.multiplyEach(count, m, k, Guarded.copy(a, q % 2 == 0), stepA, p, result, stepC);
      for (int i = 0; i < count; i++) {
        int from = i * (m * k + gapA);
        int to = i * (m * n + gapC);
        int row = i * k;
        kernel.multiply(m, a, from, k, 1, p, row, row + k, 0, kernel.panels(n), c, to, n, false);
      }
      assertThat(result.toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(c);
    }
    PackedB p = kernel.pack(4, 3, new float[12], 0, 3, 1);
    MemorySegment small = MemorySegment.ofArray(new float[11]);
    MemorySegment large = MemorySegment.ofArray(new float[12]);
    kernel.multiplyEach(2, 3, 2, large, 24, p, MemorySegment.ofArray(new float[18]), 36);
    for (MemorySegment c : new MemorySegment[] {small, large}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> kernel.multiplyEach(2, 3, 2, large, 24, p, c, 36));
    }
    MemorySegment c = MemorySegment.ofArray(new float[18]);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiplyEach(2, 3, 2, small, 24, p, c, 36));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiplyEach(3, 1, 2, large, 8, p, c, 12));
  }

  /** A caller may cut a product, and pack or not: the bits stay. */
  @ParameterizedTest
  @MethodSource("kernels")
  void anyCutGivesTheSameBits(MachineGemmKernel kernel) {
    Random random = new Random(5);
    for (int q = 0; q < 40; q++) {
      int m = q % 4 == 0 ? 1 : 1 + random.nextInt(60);
      int n = 1 + random.nextInt(300);
      int k = 1 + random.nextInt(1000);
      float[] a = numbers(random, m * k);
      float[] b = numbers(random, k * n);
      float[] whole = new float[m * n];
      PackedB p = kernel.pack(k, n, b, 0, n, 1);
      kernel.multiply(m, a, 0, k, 1, p, 0, k, 0, kernel.panels(n), whole, 0, n, false);
      float[] unpacked = new float[m * n];
      kernel.multiplyUnpacked(m, n, k, a, 0, k, 1, b, 0, n, 1, unpacked, 0, n, false);
      assertThat(unpacked).isEqualTo(whole);
      float[] cut = new float[m * n];
      int half = m / 2;
      for (int j = 0; j < kernel.panels(n); j++) {
        kernel.multiply(half, a, 0, k, 1, p, 0, k, j, j + 1, cut, 0, n, false);
        kernel.multiply(m - half, a, half * k, k, 1, p, 0, k, j, j + 1, cut, half * n, n, false);
      }
      assertThat(cut).isEqualTo(whole);
    }
  }

  /** In the kernel, or in a pass of their own. */
  @ParameterizedTest
  @MethodSource("kernels")
  void stepsInTheKernelGiveTheBitsOfStepsAfterIt(MachineGemmKernel kernel) {
    Random random = new Random(7);
    for (int q = 0; q < 200; q++) {
      int m = q % 3 == 0 ? 1 : 1 + random.nextInt(50);
      int n = 1 + random.nextInt(600);
      int k = 1 + random.nextInt(q % 5 == 0 ? 800 : 40);
      float[] a = numbers(random, m * k);
      a[random.nextInt(a.length)] = q % 7 == 0 ? Float.NaN : 1;
      float[] b = numbers(random, k * n);
      boolean add = random.nextBoolean();
      Epilogue e =
          q % 11 == 0
              ? Epilogue.bias(numbers(random, n + 3), 2)
              : new Epilogue(null, 0, new Steps(random, n));
      PackedB p = kernel.pack(k, n, b, 0, n, 1);
      float[] c = numbers(random, m * n);
      float[] apart = c.clone();
      float[] taps = c.clone();
      int cut = kernel.panels(n) / 2;
      kernel.multiplyThen(m, a, 0, k, 1, p, 0, cut, c, 0, n, add, e);
      kernel.multiplyThen(m, a, 0, k, 1, p, cut, kernel.panels(n), c, 0, n, add, e);
      kernel.multiply(m, a, 0, k, 1, p, 0, k, 0, kernel.panels(n), apart, 0, n, add);
      e.apply(apart, 0, n, m, 0, n);
      assertThat(c).as("%d×%d×%d", m, n, k).isEqualTo(apart);
      if (k < 384) { // longer sums are added in blocks
        kernel.multiplyTaps(1, 0, m, a, 0, k, 1, k, p, 0, k, taps, 0, n, add, e);
        assertThat(taps).as("%d×%d×%d", m, n, k).isEqualTo(apart);
      }
    }
  }

  /** Some steps, in plain loops too. */
  private static final class Steps implements RowAction {
    private final Epilogue.Simple simple;
    private final int n;

    Steps(Random random, int n) {
      this.n = n;
      boolean scaled = random.nextBoolean();
      simple =
          new Epilogue.Simple(
              random.nextBoolean() ? numbers(random, n + 4) : null,
              scaled ? numbers(random, n + 4) : null,
              scaled ? numbers(random, n + 4) : null,
              2,
              random.nextBoolean(),
              random.nextBoolean() ? 0.3f : Float.POSITIVE_INFINITY,
              random.nextBoolean() ? this::halve : null);
    }

    private void halve(float[] c, int offset, int count) {
      for (int i = offset; i < offset + count; i++) {
        c[i] = c[i] * 0.5f - i % n;
      }
    }

    @Override
    public void apply(float[] c, int offset, int count) {
      for (int i = offset; i < offset + count; i++) {
        int column = simple.offset() + i % n;
        float v = simple.bias() == null ? c[i] : c[i] + simple.bias()[column];
        v = simple.factor() == null ? v : v * simple.factor()[column] + simple.shift()[column];
        v = simple.relu() && v < 0 ? 0 : v;
        c[i] = Math.min(v, simple.most());
      }
      if (simple.rest() != null) {
        simple.rest().apply(c, offset, count);
      }
    }

    @Override
    public Epilogue.Simple simple() {
      return simple;
    }
  }

  /** Rows that overlap and stretches that lie apart, as a convolution has them. */
  @ParameterizedTest
  @MethodSource("kernels")
  void sumsOfTapsAgreeWithDoubleSums(MachineGemmKernel kernel) {
    Random random = new Random(6);
    for (int q = 0; q < 60; q++) {
      int m = 1 + random.nextInt(60);
      int n = 1 + random.nextInt(q % 9 == 0 ? 900 : 80);
      int k = 1 + random.nextInt(q % 9 == 1 ? 900 : 60);
      int taps = 1 + random.nextInt(4);
      int row = 1 + random.nextInt(2 * k);
      int tap = random.nextInt(40);
      int lines = 1 + random.nextInt(3);
      int line = random.nextInt(50);
      boolean add = random.nextBoolean();
      int length = (lines - 1) * line + (m - 1) * row + (taps - 1) * tap + k;
      float[] a = numbers(random, 1 + length);
      float[] b = numbers(random, (2 + taps * k) * n);
      float[] c = numbers(random, 2 + lines * m * n);
      float[] bias = numbers(random, n);
      float[] old = c.clone();
      PackedB p = kernel.pack(2 + taps * k, n, b, 0, n, 1);
      Epilogue e = q % 2 == 0 ? null : Epilogue.bias(bias, 0);
      kernel.multiplyTaps(lines, line, m, a, 1, row, taps, tap, p, 2, k, c, 2, n, add, e);
      for (int i = 0; i < lines * m; i++) {
        int from = 1 + i / m * line + i % m * row;
        for (int j = 0; j < n; j++) {
          double sum = (add ? old[2 + i * n + j] : 0) + (e == null ? 0 : bias[j]);
          for (int t = 0; t < taps * k; t++) {
            sum += (double) a[from + t / k * tap + t % k] * b[(2 + t) * n + j];
          }
          assertThat(Math.abs(c[2 + i * n + j] - sum)).isLessThan(3e-6 * Math.sqrt(taps * k));
        }
      }
      float[] lineByLine = old.clone();
      for (int i = 0; i < lines; i++) {
        int from = 1 + i * line;
        int to = 2 + i * m * n;
        kernel.multiplyTaps(1, 0, m, a, from, row, taps, tap, p, 2, k, lineByLine, to, n, add, e);
      }
      assertThat(lineByLine).isEqualTo(c);
      float[] shorter = Arrays.copyOf(a, length);
      float[] fewer = Arrays.copyOf(c, c.length - 1);
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () ->
                  kernel.multiplyTaps(
                      lines, line, m, shorter, 1, row, taps, tap, p, 2, k, c, 2, n, add, e));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () ->
                  kernel.multiplyTaps(
                      lines, line, m, a, 1, row, taps, tap, p, 2, k, fewer, 2, n, add, e));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nanAndInfinityComeThroughAndStayWhereTheyBelong(MachineGemmKernel kernel) {
    int n = 45;
    float[] a = new float[n * n];
    float[] b = new float[n * n];
    Arrays.fill(a, 1f);
    Arrays.fill(b, 1f);
    a[3 * n + 5] = Float.NaN;
    a[4 * n + 6] = Float.POSITIVE_INFINITY;
    a[5 * n + 7] = Float.POSITIVE_INFINITY;
    b[7 * n + 44] = 0f;
    float[] c = new float[n * n];
    Arrays.fill(c, Float.NaN); // not read
    kernel.multiplyUnpacked(n, n, n, a, 0, n, 1, b, 0, n, 1, c, 0, n, false);
    for (int j = 0; j < n; j++) {
      assertThat(c[3 * n + j]).isNaN();
      assertThat(c[4 * n + j]).isEqualTo(Float.POSITIVE_INFINITY);
      assertThat(c[2 * n + j]).isEqualTo(j == 44 ? 44f : 45f);
    }
    assertThat(c[5 * n + 44]).isNaN();
    assertThat(c[5 * n + 43]).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void operandsBeyondTheirArraysAreRefused(MachineGemmKernel kernel) {
    float[] x = new float[100];
    PackedB p = kernel.pack(10, 10, x, 0, 10, 1);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.pack(10, 10, x, 1, 10, 1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiply(11, x, 0, 10, 1, p, 0, 10, 0, 1, x, 0, 10, false));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiply(10, x, 0, 10, 1, p, 0, 11, 0, 1, x, 0, 10, false));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.multiply(10, x, 0, 10, 1, p, 0, 10, 0, 1, x, 1, 10, false));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(
            () ->
                kernel.multiplyUnpacked(
                    10, 10, 10, x, 0, 10, 1, x, -1, 10, 1, new float[100], 0, 10, false));
  }
}
