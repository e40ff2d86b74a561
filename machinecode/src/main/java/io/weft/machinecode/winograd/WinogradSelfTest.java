package io.weft.machinecode.winograd;

import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Tries a kernel before it serves: a line of two tiles against plain loops, all bits. */
final class WinogradSelfTest {
  private static final int TILES = 2;
  private static final int POINTS = Tile.SIDE * Tile.SIDE;
  private static final float CANARY = 12345f;
  private static final float MOST = 2f;

  private WinogradSelfTest() {}

  /**
   * Tries the kernel for the input of such tiles. Its image is as wide as two tiles that lie two
   * pixels apart; pixels that the kernel must not read are not numbers.
   *
   * @throws IllegalStateException if it gives a wrong number or writes beside its outputs
   */
  static void input(Isa isa, Tile tile, long address) {
    int channels = isa.lanes() + 3; // a whole vector and a rest
    int width = Tile.SIDE + 2;
    float[] x = new float[Tile.SIDE * width * channels];
    float[] filled = numbers(x.length, 7);
    Arrays.fill(x, Float.NaN);
    for (int i = tile.top(); i < tile.bottom(); i++) {
      int from = (i * width + tile.left()) * channels;
      int to = (i * width + 2 * (TILES - 1) + tile.right()) * channels;
      if (tile.left() < tile.right()) {
        System.arraycopy(filled, from, x, from, to - from);
      }
    }
    int step = TILES * channels + 1;
    float[] v = new float[1 + POINTS * step];
    Arrays.fill(v, CANARY);
    long pixel = (long) channels * Float.BYTES;
    Frame f = Frame.own();
    f.set(InputCode.X_OFFSET, 0);
    f.set(InputCode.X_ROW, pixel * width);
    f.set(InputCode.PIXEL, pixel);
    f.set(InputCode.V_OFFSET, Float.BYTES);
    f.set(InputCode.V_TILE, pixel);
    f.set(InputCode.V_LINE, 0);
    f.set(InputCode.POINT, (long) step * Float.BYTES);
    f.set(InputCode.LINES, 1);
    f.set(InputCode.TILES, TILES);
    MachineWinogradKernel.vectors(isa, f, channels);
    MemorySegment target = MemorySegment.ofArray(v);
    NativeCall.run(address, MemorySegment.ofArray(x), target, target, f);
    float[] expected = new float[v.length];
    Arrays.fill(expected, CANARY);
    float[] d = new float[POINTS];
    for (int t = 0; t < TILES; t++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < POINTS; p++) {
          boolean inside = tile.hasRow(p / Tile.SIDE) && tile.hasColumn(p % Tile.SIDE);
          int at = (p / Tile.SIDE * width + 2 * t + p % Tile.SIDE) * channels + c;
          d[p] = inside ? x[at] : 0;
        }
        float[] points = input(d);
        for (int p = 0; p < POINTS; p++) {
          expected[1 + p * step + t * channels + c] = points[p];
        }
      }
    }
    compare(v, expected);
  }

  /** {@code Bᵀ d B} of one channel. */
  static float[] input(float[] d) {
    float[] half = new float[POINTS];
    float[] v = new float[POINTS];
    for (int j = 0; j < Tile.SIDE; j++) {
      half[j] = d[j] - d[8 + j];
      half[4 + j] = d[4 + j] + d[8 + j];
      half[8 + j] = d[8 + j] - d[4 + j];
      half[12 + j] = d[4 + j] - d[12 + j];
    }
    for (int i = 0; i < POINTS; i += Tile.SIDE) {
      v[i] = half[i] - half[i + 2];
      v[i + 1] = half[i + 1] + half[i + 2];
      v[i + 2] = half[i + 2] - half[i + 1];
      v[i + 3] = half[i + 1] - half[i + 3];
    }
    return v;
  }

  /** {@code Aᵀ M A} of one filter. */
  static float[] output(float[] m) {
    float[] half = new float[2 * Tile.SIDE];
    for (int j = 0; j < Tile.SIDE; j++) {
      half[j] = m[j] + m[4 + j] + m[8 + j];
      half[4 + j] = m[4 + j] - m[8 + j] - m[12 + j];
    }
    float[] y = new float[4];
    for (int i = 0; i < 2; i++) {
      int h = i * Tile.SIDE;
      y[2 * i] = half[h] + half[h + 1] + half[h + 2];
      y[2 * i + 1] = half[h + 1] - half[h + 2] - half[h + 3];
    }
    return y;
  }

  /**
   * Tries the kernel for so many outputs of a tile, with all steps and with none, and with a sum
   * that is not a number.
   *
   * @throws IllegalStateException if it gives a wrong number or writes beside its outputs
   */
  static void output(Isa isa, int rows, int columns, long address) {
    int filters = isa.lanes() + 3;
    int step = TILES * filters;
    float[] m = numbers(POINTS * step, 5);
    float[] w = numbers(3 * filters, 3);
    output(isa, rows, columns, address, m, w, filters, 0);
    int all = OutputCode.BIAS | OutputCode.SCALE | OutputCode.RELU | OutputCode.BOUND;
    output(isa, rows, columns, address, m, w, filters, all);
    m[step - 1] = Float.POSITIVE_INFINITY;
    output(isa, rows, columns, address, m, w, filters, 0);
  }

  private static void output(
      Isa isa, int rows, int columns, long address, float[] m, float[] w, int filters, int steps) {
    int step = TILES * filters;
    int width = 2 * (TILES - 1) + columns;
    float[] y = new float[2 + rows * width * filters];
    Arrays.fill(y, CANARY);
    long pixel = (long) filters * Float.BYTES;
    Frame f = Frame.own();
    f.set(OutputCode.M_OFFSET, 0);
    f.set(OutputCode.M_TILE, pixel);
    f.set(OutputCode.M_LINE, 0);
    f.set(OutputCode.POINT, (long) step * Float.BYTES);
    f.set(OutputCode.Y_OFFSET, Float.BYTES);
    f.set(OutputCode.Y_ROW, pixel * width);
    f.set(OutputCode.PIXEL, pixel);
    f.set(OutputCode.LINES, 1);
    f.set(OutputCode.TILES, TILES);
    f.set(OutputCode.STEPS, steps);
    f.set(OutputCode.PARAMETERS, pixel);
    f.set(OutputCode.MOST, Float.floatToRawIntBits(MOST));
    MachineWinogradKernel.vectors(isa, f, filters);
    MemorySegment target = MemorySegment.ofArray(y);
    NativeCall.run(address, MemorySegment.ofArray(m), target, target, MemorySegment.ofArray(w), f);
    float[] expected = new float[y.length];
    Arrays.fill(expected, CANARY);
    float[] tile = new float[POINTS];
    boolean finite = true;
    for (int t = 0; t < TILES; t++) {
      for (int c = 0; c < filters; c++) {
        for (int p = 0; p < POINTS; p++) {
          tile[p] = m[p * step + t * filters + c];
        }
        float[] sums = output(tile);
        for (int q = 0; q < rows * columns; q++) {
          int i = q / columns;
          int j = q % columns;
          float sum = sums[2 * i + j];
          finite &= Float.isFinite(sum);
          if (steps != 0) {
            sum = (sum + w[c]) * w[filters + c] + w[2 * filters + c];
            sum = Math.min(MOST, Math.max(0, sum));
          }
          expected[1 + (i * width + 2 * t + j) * filters + c] = sum;
        }
        if (columns == 1 && t + 1 < TILES) {
          for (int i = 0; i < rows; i++) { // the output that is not wanted
            int beside = 1 + (i * width + 2 * t + 1) * filters + c;
            expected[beside] = CANARY;
          }
        }
      }
    }
    compare(y, expected);
    if (finite != (MachineWinogradKernel.notFinite(isa, f) == 0)) {
      throw new IllegalStateException("machine code: a sum that is not finite was not seen");
    }
  }

  private static void compare(float[] got, float[] expected) {
    for (int i = 0; i < got.length; i++) {
      if (got[i] != expected[i] && !(Float.isNaN(got[i]) && Float.isNaN(expected[i]))) {
        throw new IllegalStateException(
            "machine code: a transformed tile has " + got[i] + " in place of " + expected[i]);
      }
    }
  }

  /** Neither small integers nor equal ones, so that a wrong sum or rounding shows. */
  static float[] numbers(int n, int step) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (i * step % 97 - 48) / 37f;
    }
    return x;
  }
}
