package io.weft.machinecode.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.weft.engine.gemm.GemmKernel.Lines;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.gemm.GemmKernels.Last;
import io.weft.machinecode.gemm.GemmKernels.Operand;
import io.weft.machinecode.gemm.GemmKernels.Steps;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Guarded;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operands between inaccessible pages: a stray read or write would end the process. */
class GemmKernelsTest {
  static Stream<GemmKernels> kernels() {
    return Stream.of(Isa.values())
        .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
        .map(GemmKernels::new);
  }

  private static float[] numbers(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  private static long bytes(long floats) {
    return floats * Float.BYTES;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void productsTouchNothingBeside(GemmKernels kernels) {
    Random random = new Random(9);
    for (int q = 0; q < 600; q++) {
      boolean end = q % 2 == 0;
      boolean one = q % 5 == 0;
      int m = one ? 1 : 1 + random.nextInt(2 * kernels.mostRows() + 3);
      // with AVX2, panels of B are whole
      int panels = 1 + random.nextInt(one ? 10 : 3);
      int padded = panels * kernels.columns();
      boolean narrow = q % 4 == 1 && panels == 1;
      int n =
          narrow
              ? 1 + random.nextInt(kernels.isa().lanes())
              : padded - random.nextInt(kernels.columns());
      int columnsOfB = kernels.isa() == Isa.AVX512 ? n : padded;
      int taps = one ? 1 : 1 + random.nextInt(3);
      int depth = 1 + random.nextInt(30);
      int rowOfA = 1 + random.nextInt(2 * depth); // rows may overlap
      int column = 1 + random.nextInt(3);
      int tap = random.nextInt(9);
      int lengthOfA = (m - 1) * rowOfA + (taps - 1) * tap + (depth - 1) * column + 1;
      boolean add = random.nextBoolean();
      float[] a = numbers(random, lengthOfA);
      float[] b = numbers(random, taps * depth * columnsOfB);
      float[] c = numbers(random, m * n);
      float[] parameters = numbers(random, 3 * n); // bias, factor, shift
      boolean relu = random.nextBoolean();
      boolean biased = random.nextBoolean();
      boolean scaled = random.nextBoolean();
      boolean bounded = random.nextBoolean();
      int bits =
          (relu ? Slot.RELU : 0)
              | (biased ? Slot.ADD_BIAS : 0)
              | (scaled ? Slot.SCALE : 0)
              | (bounded ? Slot.BOUND : 0);
      MemorySegment result = Guarded.copy(c, end);
      kernels.multiply(
          m,
          n,
          depth,
          taps,
          bytes(tap),
          new Operand(Guarded.copy(a, end), 0, bytes(rowOfA), bytes(column)),
          new Operand(Guarded.copy(b, end), 0, bytes(columnsOfB)),
          bytes(kernels.columns()),
          new Operand(result, 0, bytes(n)),
          new Steps(add, new Last(bits, Guarded.copy(parameters, end), bytes(n), 0.1f), 0));
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = add ? c[i * n + j] : 0;
          for (int t = 0; t < taps; t++) {
            for (int k = 0; k < depth; k++) {
              sum +=
                  (double) a[i * rowOfA + t * tap + k * column]
                      * b[(t * depth + k) * columnsOfB + j];
            }
          }
          sum += biased ? parameters[j] : 0;
          sum = scaled ? sum * parameters[n + j] + parameters[2 * n + j] : sum;
          sum = relu ? Math.max(sum, 0) : sum;
          sum = bounded ? Math.min(sum, 0.1f) : sum;
          float got = result.getAtIndex(JAVA_FLOAT, i * n + j);
          if (!(Math.abs(got - sum) <= 1e-5)) {
            fail("%d×%d×%d·%d: %s for %s", m, n, taps, depth, got, sum);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sumsOfLinesTouchNothingBeside(GemmKernels kernels) {
    Random random = new Random(11);
    LineKernels lines = new LineKernels(kernels.isa());
    for (int q = 0; q < 500; q++) {
      boolean end = q % 2 == 0;
      int m = 1 + random.nextInt(70);
      int n = 1 + random.nextInt(3 * kernels.columns());
      n = lines.serves(n) ? n : kernels.columns();
      Lines walk =
          new Lines(
              1 + random.nextInt(2),
              random.nextInt(50),
              1 + random.nextInt(3),
              random.nextInt(30),
              1 + random.nextInt(12),
              random.nextInt(6));
      int terms = walk.planes() * walk.lines() * walk.terms();
      int lengthOfA =
          (walk.planes() - 1) * walk.plane()
              + (walk.lines() - 1) * walk.line()
              + (walk.terms() - 1) * walk.term()
              + m;
      float[] a = numbers(random, lengthOfA);
      float[] b = numbers(random, terms * n);
      float[] c = numbers(random, m * n);
      MemorySegment result = Guarded.copy(c, end);
      boolean served =
          lines.add(
              m,
              n,
              walk,
              new LineKernels.Operands(
                  Guarded.copy(a, end), 0, Guarded.copy(b, end), 0, n, result, 0, n));
      assertThat(served).isTrue();
      for (int i = 0; i < m * n; i++) {
        double sum = c[i];
        for (int k = 0; k < terms; k++) {
          int line = k / walk.terms();
          int at = line / walk.lines() * walk.plane() + line % walk.lines() * walk.line();
          sum += (double) a[at + k % walk.terms() * walk.term() + i / n] * b[k * n + i % n];
        }
        float got = result.getAtIndex(JAVA_FLOAT, i);
        if (!(Math.abs(got - sum) <= 2e-5)) {
          fail("%d×%d, %s: %s for %s", m, n, walk, got, sum);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void packingTouchesNothingBeside(GemmKernels kernels) {
    Random random = new Random(10);
    int columns = kernels.columns();
    for (int q = 0; q < 200; q++) {
      boolean end = q % 2 == 0;
      int rows = 1 + random.nextInt(20);
      int n = 1 + random.nextInt(3 * columns);
      int panels = (n + columns - 1) / columns;
      float[] x = numbers(random, rows * n);
      MemorySegment to = Guarded.floats((long) panels * rows * columns, end);
      Operand from = new Operand(Guarded.copy(x, end), 0, bytes(n));
      kernels.pack(rows, n, from, to, 0, bytes((long) rows * columns));
      for (int p = 0; p < panels; p++) {
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) {
            int column = p * columns + j;
            float got = to.getAtIndex(JAVA_FLOAT, (p * rows + i) * columns + j);
            if (got != (column < n ? x[i * n + column] : 0f)) {
              fail("%d×%d: %s at %d, %d", rows, n, got, i, column);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void transposingTouchesNothingBeside(GemmKernels kernels) {
    Random random = new Random(11);
    int lanes = kernels.isa().lanes();
    for (int q = 0; q < 60; q++) {
      boolean end = q % 2 == 0;
      int rows = lanes * (1 + random.nextInt(3));
      int n = lanes * (1 + random.nextInt(4));
      float[] x = numbers(random, rows * n);
      MemorySegment to = Guarded.floats((long) rows * n, end);
      kernels.transpose(
          rows, n, new Operand(Guarded.copy(x, end), 0, bytes(n)), new Operand(to, 0, bytes(rows)));
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < n; j++) {
          if (to.getAtIndex(JAVA_FLOAT, j * rows + i) != x[i * n + j]) {
            fail("%d×%d at %d, %d", rows, n, i, j);
          }
        }
      }
    }
  }
}
