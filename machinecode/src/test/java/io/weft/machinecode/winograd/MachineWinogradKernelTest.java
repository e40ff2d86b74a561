package io.weft.machinecode.winograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.kernel.WinogradKernel.Image;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.gemm.MachineGemmKernel;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.Guarded;
import io.weft.machinecode.memory.NativeCall;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MachineWinogradKernelTest {
  private static final float CANARY = 7f;
  private static final double[][] G = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};

  static Stream<Isa> isas() {
    return Stream.of(Isa.values()).filter(isa -> isa.compareTo(Cpu.isa()) <= 0);
  }

  private static float[] numbers(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  /** Padding of any width, also such that whole tiles lie beside the image, and negative. */
  private static Image image(Random random) {
    int padH = random.nextInt(7) - 2;
    int padW = random.nextInt(7) - 2;
    int inH = 3 + random.nextInt(random.nextBoolean() ? 30 : 8);
    int inW = 3 + random.nextInt(random.nextBoolean() ? 30 : 8);
    return new Image(
        1 + random.nextInt(40),
        inH,
        inW,
        padH,
        padW,
        1 + random.nextInt(70),
        1 + random.nextInt(inH + 8),
        1 + random.nextInt(inW + 8));
  }

  private static float[] transformed(Image g, float[] w) {
    int n = g.channels() * g.filters();
    float[] u = new float[16 * n];
    for (int p = 0; p < 16; p++) {
      for (int q = 0; q < n; q++) {
        double sum = 0;
        for (int t = 0; t < 9; t++) {
          sum += G[p / 4][t / 3] * G[p % 4][t % 3] * w[t * n + q];
        }
        u[p * n + q] = (float) sum;
      }
    }
    return u;
  }

  private static double sum(Image g, float[] x, int xo, float[] w, int i, int j, int f) {
    double sum = 0;
    for (int t = 0; t < 9; t++) {
      int h = i + t / 3 - g.padH();
      int v = j + t % 3 - g.padW();
      for (int c = 0; c < g.channels() && h >= 0 && h < g.inH() && v >= 0 && v < g.inW(); c++) {
        double d = x[xo + (h * g.inW() + v) * g.channels() + c];
        sum += d * w[(t * g.channels() + c) * g.filters() + f];
      }
    }
    return sum;
  }

  private static int down(Image g) {
    return (g.outH() + 1) / 2;
  }

  @ParameterizedTest
  @MethodSource("isas")
  void agreesWithDoubleSumsAndWritesNothingElse(Isa isa) {
    MachineGemmKernel products = new MachineGemmKernel(isa);
    MachineWinogradKernel kernel = new MachineWinogradKernel(isa, products);
    Random random = new Random(1);
    for (int q = 0; q < 150; q++) {
      Image g = image(random);
      int filters = g.filters();
      float[] x = numbers(random, 3 + g.inH() * g.inW() * g.channels());
      float[] w = numbers(random, 9 * g.channels() * filters);
      PackedB packed = products.pack(16 * g.channels(), filters, transformed(g, w), 0, filters, 1);
      boolean scaled = random.nextBoolean();
      Epilogue.Simple last =
          q % 3 == 0
              ? null
              : new Epilogue.Simple(
                  random.nextBoolean() ? numbers(random, filters + 1) : null,
                  scaled ? numbers(random, filters + 1) : null,
                  scaled ? numbers(random, filters + 1) : null,
                  1,
                  random.nextBoolean(),
                  random.nextBoolean() ? 0.25f : Float.POSITIVE_INFINITY,
                  null);
      int from = random.nextInt(down(g));
      int to = from + random.nextInt(down(g) - from + 1);
      float[] y = new float[5 + g.outH() * g.outW() * filters + 1];
      Arrays.fill(y, CANARY);
      assertThat(kernel.lines(g, from, to, x, 3, packed, y, 5, last)).isTrue();
      for (int k = 0; k < y.length; k++) {
        int p = Math.floorDiv(k - 5, filters);
        int f = Math.floorMod(k - 5, filters);
        int i = Math.floorDiv(p, g.outW());
        int j = Math.floorMod(p, g.outW());
        double expected = CANARY;
        if (i >= 2 * from && i < Math.min(2 * to, g.outH())) {
          expected = sum(g, x, 3, w, i, j, f);
          if (last != null) {
            expected += last.bias() == null ? 0 : last.bias()[1 + f];
            expected *= scaled ? last.factor()[1 + f] : 1;
            expected += scaled ? last.shift()[1 + f] : 0;
            expected = last.relu() ? Math.max(0, expected) : expected;
            expected = Math.min(last.most(), expected);
          }
        }
        if (!(Math.abs(y[k] - expected) <= 1e-5)) {
          fail("%s, lines %d to %d, element %d: %s for %s", g, from, to, k, y[k], expected);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void anyCutGivesTheSameBits(Isa isa) {
    MachineGemmKernel products = new MachineGemmKernel(isa);
    MachineWinogradKernel kernel = new MachineWinogradKernel(isa, products);
    Random random = new Random(2);
    Image g = new Image(150, 31, 63, 1, 1, 130, 31, 63); // parts of a line in one block
    float[] x = numbers(random, g.inH() * g.inW() * g.channels());
    float[] w = numbers(random, 9 * g.channels() * g.filters());
    PackedB packed =
        products.pack(16 * g.channels(), g.filters(), transformed(g, w), 0, g.filters(), 1);
    float[] whole = new float[g.outH() * g.outW() * g.filters()];
    float[] cut = new float[whole.length];
    assertThat(kernel.lines(g, 0, down(g), x, 0, packed, whole, 0, null)).isTrue();
    for (int i = 0; i < down(g); ) {
      int to = Math.min(down(g), i + 1 + random.nextInt(4));
      assertThat(kernel.lines(g, i, to, x, 0, packed, cut, 0, null)).isTrue();
      i = to;
    }
    assertThat(cut).isEqualTo(whole);
  }

  @ParameterizedTest
  @MethodSource("isas")
  void tellsOfSumsThatAreNotFinite(Isa isa) {
    MachineGemmKernel products = new MachineGemmKernel(isa);
    MachineWinogradKernel kernel = new MachineWinogradKernel(isa, products);
    Random random = new Random(3);
    Image g = new Image(19, 9, 11, 1, 1, 37, 9, 11);
    int filters = g.filters();
    float[] w = numbers(random, 9 * g.channels() * filters);
    PackedB packed = products.pack(16 * g.channels(), filters, transformed(g, w), 0, filters, 1);
    float[] y = new float[g.outH() * g.outW() * filters];
    Epilogue.Simple relu = new Epilogue.Simple(null, 0, true); // would hide −∞
    for (float odd : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 3.4e38f}) {
      for (int q = 0; q < 40; q++) {
        float[] x = numbers(random, g.inH() * g.inW() * g.channels());
        int pixel = random.nextInt(g.inH() * g.inW());
        for (int c = 0; c < g.channels(); c++) {
          x[pixel * g.channels() + c] = odd;
        }
        assertThat(kernel.lines(g, 0, down(g), x, 0, packed, y, 0, relu)).isFalse();
      }
    }
  }

  /** Operands between inaccessible pages: a stray read or write would end the process. */
  @ParameterizedTest
  @MethodSource("isas")
  void kernelsTouchNothingBeside(Isa isa) {
    MachineWinogradKernel kernel = new MachineWinogradKernel(isa, new MachineGemmKernel(isa));
    Random random = new Random(4);
    for (int top = 0; top <= 4; top++) {
      for (int bottom = top; bottom <= 4; bottom++) {
        for (int left = 0; left <= 4; left++) {
          for (int right = left; right <= 4; right++) {
            boolean none = top == bottom || left == right;
            Tile tile = none ? new Tile(0, 0, 0, 0) : new Tile(top, bottom, left, right);
            input(isa, kernel.input(tile), tile, 1 + random.nextInt(40), random.nextBoolean());
          }
        }
      }
    }
    for (int q = 0; q < 80; q++) {
      int rows = 1 + q % 2;
      int columns = 1 + q / 2 % 2;
      long code = kernel.output(rows, columns);
      output(isa, code, rows, columns, 1 + random.nextInt(40), q / 4 % 16, random.nextBoolean());
    }
  }

  private static void input(Isa isa, long code, Tile tile, int channels, boolean end) {
    assertThat(code).as("passes its test: %s", tile).isPositive();
    int width = tile.right() - tile.left();
    long pixel = (long) channels * Float.BYTES;
    Frame f = Frame.own();
    f.set(InputCode.X_OFFSET, -(tile.top() * width + tile.left()) * pixel);
    f.set(InputCode.X_ROW, width * pixel);
    f.set(InputCode.PIXEL, pixel);
    f.set(InputCode.V_OFFSET, 0);
    f.set(InputCode.V_TILE, pixel);
    f.set(InputCode.V_LINE, pixel);
    f.set(InputCode.POINT, pixel);
    f.set(InputCode.LINES, 1);
    f.set(InputCode.TILES, 1);
    MachineWinogradKernel.vectors(isa, f, channels);
    long floats = (long) (tile.bottom() - tile.top()) * width * channels;
    MemorySegment v = Guarded.floats(16L * channels, end);
    NativeCall.run(code, Guarded.floats(floats, end), v, v, f);
  }

  private static void output(
      Isa isa, long code, int rows, int columns, int filters, int steps, boolean end) {
    assertThat(code).isPositive();
    long pixel = (long) filters * Float.BYTES;
    Frame f = Frame.own();
    f.set(OutputCode.M_OFFSET, 0);
    f.set(OutputCode.M_TILE, pixel);
    f.set(OutputCode.M_LINE, pixel);
    f.set(OutputCode.POINT, pixel);
    f.set(OutputCode.Y_OFFSET, 0);
    f.set(OutputCode.Y_ROW, columns * pixel);
    f.set(OutputCode.PIXEL, pixel);
    f.set(OutputCode.LINES, 1);
    f.set(OutputCode.TILES, 1);
    f.set(OutputCode.STEPS, steps);
    f.set(OutputCode.PARAMETERS, pixel);
    f.set(OutputCode.MOST, 0);
    MachineWinogradKernel.vectors(isa, f, filters);
    int parameters = (steps & OutputCode.SCALE) != 0 ? 3 : (steps & OutputCode.BIAS) != 0 ? 1 : 0;
    MemorySegment y = Guarded.floats((long) rows * columns * filters, end);
    NativeCall.run(
        code,
        Guarded.floats((columns == 1 ? 15L : 16L) * filters, end),
        y,
        y,
        Guarded.floats((long) parameters * filters, end),
        f);
  }

  @ParameterizedTest
  @MethodSource("isas")
  void refusesOperandsThatAreTooShort(Isa isa) {
    MachineGemmKernel products = new MachineGemmKernel(isa);
    MachineWinogradKernel kernel = new MachineWinogradKernel(isa, products);
    Image g = new Image(3, 4, 5, 1, 1, 6, 4, 5);
    float[] w = numbers(new Random(5), 9 * 3 * 6);
    PackedB packed = products.pack(16 * 3, 6, transformed(g, w), 0, 6, 1);
    float[] x = new float[60];
    float[] y = new float[120];
    assertThat(kernel.lines(g, 0, 2, x, 0, packed, y, 0, null)).isTrue();
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lines(g, 0, 2, x, 1, packed, y, 0, null));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lines(g, 0, 2, x, 0, packed, y, 1, null));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.lines(g, 0, 3, x, 0, packed, y, 0, null));
    PackedB other = products.pack(15 * 3, 6, transformed(g, w), 0, 6, 1);
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> kernel.lines(g, 0, 2, x, 0, other, y, 0, null));
  }
}
