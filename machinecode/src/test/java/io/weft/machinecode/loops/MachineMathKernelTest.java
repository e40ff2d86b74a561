package io.weft.machinecode.loops;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.weft.engine.kernel.ElementKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Guarded;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bounds of the functions are tested by the engine's MathFTest, which runs over this module too.
 */
class MachineMathKernelTest {
  static Stream<MachineMathKernel> kernels() {
    return Stream.of(Isa.values())
        .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
        .map(MachineMathKernel::new);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void passesItsSelfTest(MachineMathKernel kernel) {
    MathSelfTest.run(kernel);
  }

  /** Between inaccessible pages, all lengths; the bits of an element do not depend on its place. */
  @ParameterizedTest
  @MethodSource("kernels")
  void touchesNothingBesideItsRun(MachineMathKernel kernel) {
    Random random = new Random(4);
    float[] whole = new float[70];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = 6 * random.nextFloat() - 3;
    }
    for (int f = 0; f < MachineMathKernel.functions(); f++) {
      float[] expected = new float[whole.length];
      kernel.run(f, MemorySegment.ofArray(whole), MemorySegment.ofArray(expected), 70);
      for (int n = 1; n <= 50; n++) {
        boolean end = n % 2 == 0;
        int at = random.nextInt(20);
        float[] part = java.util.Arrays.copyOfRange(whole, at, at + n);
        MemorySegment x = Guarded.copy(part, end);
        MemorySegment y = Guarded.floats(n, end);
        kernel.run(f, x, y, n);
        for (int i = 0; i < n; i++) {
          assertThat(Float.compare(y.getAtIndex(JAVA_FLOAT, i), expected[at + i])).isZero();
        }
        kernel.run(f, x, x, n);
        assertThat(x.mismatch(y)).as("in place").isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void longRunsAreCutAndRunsBeyondAnArrayRefused(MachineMathKernel kernel) {
    float[] x = new float[200_001];
    java.util.Arrays.fill(x, 1f);
    float[] y = new float[x.length + 1];
    kernel.exp(x, 0, y, 0, x.length);
    assertThat(y[0]).isEqualTo(y[x.length - 1]).isEqualTo((float) Math.E);
    assertThat(y[x.length]).isZero();
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.exp(x, 1, y, 0, x.length));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.exp(x, 0, y, 2, x.length));
    kernel.exp(x, 0, y, 0, 0);
  }

  /** The functions and loops of the interface one after the other, and nothing beside the rows. */
  @ParameterizedTest
  @MethodSource("kernels")
  void stepsOfAnLstmHaveTheBitsOfTheirParts(MachineMathKernel kernel) {
    Random random = new Random(6);
    ElementKernel elements = ElementKernel.portable();
    for (int u = 1; u <= 70; u += u < 20 ? 1 : 7) {
      int rows = 1 + random.nextInt(4);
      int n = rows * u;
      float[] ifo = numbers(random, 3 * n);
      float[] g = numbers(random, n);
      float[] c = numbers(random, n);
      float[] gates = new float[3 * n];
      kernel.sigmoid(ifo, 0, gates, 0, 3 * n);
      float[] candidate = new float[n];
      kernel.tanh(g, 0, candidate, 0, n);
      float[] carry = c.clone();
      for (int b = 0; b < rows; b++) {
        elements.lstmCarry(gates, 3 * b * u, candidate, b * u, carry, b * u, u);
      }
      float[] state = new float[n];
      kernel.tanh(carry, 0, state, 0, n);
      for (int i = 0; i < n; i++) {
        state[i] *= gates[i / u * 3 * u + 2 * u + i % u];
      }
      for (boolean keep : new boolean[] {false, true}) {
        boolean end = random.nextBoolean();
        MemorySegment z = Guarded.copy(ifo, end);
        MemorySegment zg = Guarded.copy(g, end);
        MemorySegment to = Guarded.copy(c, end);
        MemorySegment h = Guarded.floats(n, end);
        kernel.lstm().run(rows, u, z, 0, zg, 0, to, h, keep);
        assertThat(to.mismatch(MemorySegment.ofArray(carry))).isEqualTo(-1);
        assertThat(h.mismatch(MemorySegment.ofArray(state))).isEqualTo(-1);
        assertThat(z.mismatch(MemorySegment.ofArray(keep ? gates : ifo))).isEqualTo(-1);
        assertThat(zg.mismatch(MemorySegment.ofArray(keep ? candidate : g))).isEqualTo(-1);
      }
    }
    float[] x = new float[20];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lstmStep(2, 4, x, 0, x, 0, x, x, true));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lstmStep(1, 4, x, 0, x, 17, x, x, true));
  }

  private static float[] numbers(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = 8 * random.nextFloat() - 4;
    }
    return x;
  }
}
