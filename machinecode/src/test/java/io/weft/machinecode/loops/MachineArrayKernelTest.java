package io.weft.machinecode.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

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

class MachineArrayKernelTest {
  static Stream<MachineArrayKernel> kernels() {
    return Stream.of(Isa.values())
        .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
        .map(MachineArrayKernel::new);
  }

  static Stream<Isa> isas() {
    return Stream.of(Isa.values()).filter(isa -> isa.compareTo(Cpu.isa()) <= 0);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void passesItsSelfTest(MachineArrayKernel kernel) {
    ArraySelfTest.run(kernel);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void longSumsAreExactEnoughAndCutInPairs(MachineArrayKernel kernel) {
    float[] x = new float[300_001];
    Arrays.fill(x, 0.1f);
    assertThat((double) kernel.sum(x, 0, x.length)).isCloseTo(30000.1, within(0.05));
    assertThat((double) kernel.dot(x, 1, x, 0, 300_000)).isCloseTo(3000, within(0.02));
    assertThat((double) kernel.squares(x, 0, x.length, 0.2f)).isCloseTo(3000, within(0.02));
    x[200_000] = 7;
    assertThat(kernel.max(x, 0, x.length)).isEqualTo(7);
    assertThat(kernel.max(x, 0, 0)).isEqualTo(Float.NEGATIVE_INFINITY);
    kernel.add(x, 0, x, 0, x.length);
    assertThat(x[200_000]).isEqualTo(14);
    assertThat(x[300_000]).isEqualTo(0.2f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void runsBeyondAnArrayAreRefused(MachineArrayKernel kernel) {
    float[] x = new float[10];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.sum(x, 1, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.add(x, 0, x, 3, 8));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.max(x, -1, 5));
  }

  @ParameterizedTest
  @MethodSource("isas")
  void sumsOfRowsGiveTheBitsOfPlainLoopsAndTouchNothingBeside(Isa isa) {
    RowSums sums = new RowSums(isa);
    MachineArrayKernel adding = new MachineArrayKernel(isa);
    Random random = new Random(4);
    for (int n = 1; n <= 140; n++) {
      int rows = 1 + random.nextInt(n % 10 == 0 ? 5000 : 20);
      float[] x = new float[rows * n];
      float[] expected = new float[n];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextFloat() - 0.5f;
      }
      for (int i = 0; i < n; i++) {
        expected[i] = random.nextFloat();
      }
      MemorySegment y = Guarded.copy(expected, n % 2 == 0);
      sums.run(Guarded.copy(x, n % 2 == 0), 0, rows, n, y, 0);
      float[] sum = new float[n];
      for (int r = 0; r < rows; r++) {
        adding.add(x, r * n, sum, 0, n);
      }
      adding.add(sum, 0, expected, 0, n);
      assertThat(y.toArray(ValueLayout.JAVA_FLOAT)).as("%d×%d", rows, n).isEqualTo(expected);
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> sums.run(new float[10], 1, 2, 5, new float[5], 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> sums.run(new float[10], 0, 2, 5, new float[5], 1));
  }

  /** Between inaccessible pages; the reference are the loops in Java. */
  @ParameterizedTest
  @MethodSource("isas")
  void windowsTouchNothingBesideTheirRuns(Isa isa) {
    WindowCode code = new WindowCode(isa);
    Random random = new Random(9);
    for (int n = 1; n <= 40; n++) {
      int count = 1 + random.nextInt(4);
      int step = n * (1 + random.nextInt(2));
      int taps = 1 + random.nextInt(6);
      int[] starts = new int[taps];
      long[] bytes = new long[taps];
      for (int t = 0; t < taps; t++) {
        starts[t] = t * n;
        bytes[t] = (long) t * n * Float.BYTES;
      }
      int size = (count - 1) * step + taps * n;
      float[] x = rounded(random, size);
      float[] dy = rounded(random, count * n);
      float[] dx = rounded(random, size);
      boolean end = n % 2 == 0;
      MemorySegment x2 = Guarded.copy(x, end);
      MemorySegment dy2 = Guarded.copy(dy, end);
      MemorySegment dx2 = Guarded.copy(dx, end);
      for (int i = 0; i < count * n; i++) {
        int at = i / n * step + i % n;
        int best = 0;
        for (int t = 1; t < taps; t++) {
          best = x[at + starts[t]] > x[at + starts[best]] ? t : best;
        }
        dx[at + starts[best]] += dy[i];
      }
      code.run(count, step, bytes, x2, 0, dy2, 0, dx2, 0, n);
      assertThat(dx2.mismatch(MemorySegment.ofArray(dx))).as("n = %s", n).isEqualTo(-1);
    }
    float[] x = new float[20];
    int[] taps = {0, 5};
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> code.run(3, 5, taps, x, 1, x, 0, x, 0, 5));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> code.run(2, 5, taps, x, 0, x, 11, x, 0, 5));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> code.run(2, 5, taps, x, 0, x, 0, x, 6, 5));
  }

  private static float[] rounded(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextInt(8); // many are equal
    }
    return x;
  }
}
