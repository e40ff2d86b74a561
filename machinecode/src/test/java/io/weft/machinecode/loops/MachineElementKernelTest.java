package io.weft.machinecode.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.weft.engine.kernel.AdamRates;
import io.weft.engine.kernel.ElementKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Guarded;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MachineElementKernelTest {
  private static final float[] STRANGE = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, Float.MIN_VALUE, 1f, -1f
  };

  static Stream<Isa> isas() {
    return Stream.of(Isa.values()).filter(isa -> isa.compareTo(Cpu.isa()) <= 0);
  }

  static Stream<MachineElementKernel> kernels() {
    return isas().map(MachineElementKernel::new);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void passesItsSelfTest(MachineElementKernel kernel) {
    ElementSelfTest.run(kernel);
    ElementSelfTest.run(kernel::adam);
  }

  /** Between inaccessible pages, in place and not. */
  @ParameterizedTest
  @MethodSource("isas")
  void adamTouchesNothingBesideItsRuns(Isa isa) {
    AdamCode code = new AdamCode(isa);
    AdamRates rates = new AdamRates(0.1f, 0.001f, 0.01f, 1e-7f);
    Random random = new Random(2);
    for (int n = 1; n <= 40; n++) {
      boolean end = n % 2 == 0;
      boolean given = n % 3 == 0;
      float[][] x = new float[5][n];
      MemorySegment[] all = new MemorySegment[8];
      for (int i = 0; i < 5; i++) {
        for (int j = 0; j < n; j++) {
          x[i][j] = random.nextFloat();
        }
        all[i < 3 ? i : i + 3] = Guarded.copy(x[i], end);
      }
      for (int i = 0; i < 3; i++) {
        all[3 + i] = given ? all[i] : Guarded.floats(n, end);
      }
      float[][] old = {x[0], x[1], x[2]};
      float[] squares = given ? x[4] : null;
      ElementKernel.portable().adam(old, old, 0, x[3], squares, 0, rates, n);
      code.run(all, 0, 0, given, rates, n);
      for (int i = 0; i < 3; i++) {
        assertThat(all[3 + i].mismatch(MemorySegment.ofArray(x[i]))).isEqualTo(-1);
      }
    }
  }

  /** Each loop in turn changes one bit too many. */
  @Test
  void theSelfTestFindsAWrongLoop() {
    ElementKernel plain = ElementKernel.portable();
    for (Method wrong : ElementKernel.class.getMethods()) {
      if (!Modifier.isAbstract(wrong.getModifiers())) {
        continue;
      }
      InvocationHandler handler =
          (proxy, method, arguments) -> {
            Object result = method.invoke(plain, arguments);
            for (Object argument : arguments) {
              Object numbers = argument instanceof float[][] all ? all[0] : argument;
              if (method.equals(wrong) && numbers instanceof float[] x) {
                x[1] = Float.intBitsToFloat(Float.floatToRawIntBits(x[1]) ^ 1);
              }
            }
            return result;
          };
      Class<?>[] types = {ElementKernel.class};
      ElementKernel k =
          (ElementKernel)
              Proxy.newProxyInstance(ElementKernel.class.getClassLoader(), types, handler);
      assertThatIllegalStateException()
          .as(wrong.getName())
          .isThrownBy(
              () -> {
                ElementSelfTest.run(k);
                ElementSelfTest.run(k::adam);
              });
    }
  }

  /** All pairs of strange numbers: signs of zeros, NaN and infinities as Java has them. */
  @ParameterizedTest
  @MethodSource("kernels")
  void strangeNumbersHaveTheBitsOfJava(MachineElementKernel kernel) {
    int n = STRANGE.length * STRANGE.length;
    float[] a = new float[n];
    float[] b = new float[n];
    for (int i = 0; i < n; i++) {
      a[i] = STRANGE[i % STRANGE.length];
      b[i] = STRANGE[i / STRANGE.length];
    }
    float[] y = new float[n];
    float[] plain = new float[n];
    for (int way = 0; way < 14; way++) {
      pair(kernel, way, a, b, y);
      pair(ElementKernel.portable(), way, a, b, plain);
      assertThat(y).as("way " + way).containsExactly(plain);
    }
  }

  private static void pair(ElementKernel k, int way, float[] a, float[] b, float[] y) {
    int n = a.length;
    switch (way) {
      case 0 -> k.maximum(a, 0, b, 0, y, 0, n);
      case 1 -> k.minimum(a, 0, b, 0, y, 0, n);
      case 2 -> k.equal(a, 0, b, 0, y, 0, n);
      case 3 -> k.greater(a, 0, b, 0, y, 0, n);
      case 4 -> k.greaterEqual(a, 0, b, 0, y, 0, n);
      case 5 -> k.select(a, 0, b, 0, a, 0, y, 0, n);
      case 6 -> k.relu(a, 0, y, 0, n);
      case 7 -> k.divide(a, 0, b, 0, y, 0, n);
      default -> {
        System.arraycopy(a, 0, y, 0, n);
        float most = way < 10 ? 0f : way < 12 ? -0f : 0.5f;
        k.finish(y, 0, b, null, null, 0, way % 2 == 0, most, n);
      }
    }
  }

  /** Longer than one call and one block, at odd offsets, in place. */
  @ParameterizedTest
  @MethodSource("kernels")
  void longRunsAreCut(MachineElementKernel kernel) {
    int n = 140_003;
    Random random = new Random(1);
    float[][] x = new float[4][n + 9];
    for (float[] v : x) {
      for (int i = 0; i < v.length; i++) {
        v[i] = random.nextFloat();
      }
    }
    float[] plain = x[0].clone();
    float[] y = x[0].clone();
    ElementKernel.portable().add(plain, 3, x[1], 5, plain, 3, n);
    kernel.add(y, 3, x[1], 5, y, 3, n);
    assertThat(Arrays.mismatch(y, plain)).isEqualTo(-1);
    AdamRates rates = new AdamRates(0.1f, 0.001f, 0.01f, 1e-7f);
    float[][] weights = {x[0].clone(), x[1].clone(), x[2].clone()};
    float[][] other = {x[0].clone(), x[1].clone(), x[2].clone()};
    kernel.adam(weights, weights, 2, x[3], null, 7, rates, n);
    ElementKernel.portable().adam(other, other, 2, x[3], null, 7, rates, n);
    for (int i = 0; i < 3; i++) {
      assertThat(Arrays.mismatch(weights[i], other[i])).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void runsBeyondAnArrayAreRefused(MachineElementKernel kernel) {
    float[] x = new float[40];
    float[] y = new float[10];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.add(x, 0, y, 1, x, 0, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.finish(x, 0, y, null, null, 1, true, 1f, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lstmGradient(x, 1, y, y, y, 0, null, 0, x, 0, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lstmGradient(x, 0, y, y, y, 0, null, 0, x, 1, 10));
    float[][] weights = {x, x.clone(), x.clone()};
    float[][] smaller = {x, x, y};
    AdamRates rates = new AdamRates(0.1f, 0.001f, 0.01f, 1e-7f);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.adam(weights, smaller, 0, x, null, 0, rates, 11));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.adam(weights, weights, 0, x, y, 1, rates, 10));
    kernel.add(x, 40, x, 40, x, 40, 0);
  }
}
