package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The float kernels against the plain double loops, and these against a sum over all triples. */
class ConvKernelsTest {
  static IntStream seeds() {
    return IntStream.range(0, 240);
  }

  private static ConvShape random(Rand r, int seed) {
    int rank = r.in(1, 3);
    int[] in = new int[rank];
    int[] kernel = new int[rank];
    int[] out = new int[rank];
    int[] stride = new int[rank];
    int[] dilation = new int[rank];
    int[] pad = new int[rank];
    boolean unit = r.coin();
    boolean pointwise = seed % 7 == 0;
    for (int i = 0; i < rank; i++) {
      kernel[i] = pointwise ? 1 : r.in(1, 4);
      stride[i] = unit || pointwise ? 1 : r.in(1, 3);
      dilation[i] = r.coin() ? 1 : r.in(1, 3);
      int span = (kernel[i] - 1) * dilation[i] + 1;
      pad[i] = pointwise ? 0 : r.in(0, span - 1);
      int behind = pointwise ? 0 : r.in(0, span - 1);
      in[i] = Math.max(1, span - pad[i] - behind) + r.in(0, rank == 3 ? 4 : 9);
      out[i] = (in[i] + pad[i] + behind - span) / stride[i] + 1;
    }
    boolean wide = seed >= 120; // what is read in place
    for (int i = 0; i < rank && wide; i++) {
      in[i] += i == rank - 1 ? 12 * stride[i] : 0;
      out[i] += i == rank - 1 ? 12 : 0;
      dilation[i] = i == rank - 1 ? 1 : dilation[i];
    }
    int groups = !wide && r.in(1, 3) == 1 ? r.in(2, 4) : 1;
    int channels = groups * r.in(1, 3) * (wide ? 16 : seed % 5 == 0 ? 11 : 1);
    int filters = groups * r.in(1, 4) * (wide ? 5 : seed % 5 == 1 ? 13 : 1);
    if (seed % 4 == 3 && !wide) { // depthwise
      channels = r.in(2, seed % 8 == 3 ? 20 : 70);
      groups = channels;
      filters = channels * r.in(1, 2);
    }
    return new ConvShape(
        r.in(1, 3), in, channels, kernel, filters, out, stride, dilation, pad, groups);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void matchesDirectLoops(int seed) {
    Rand r = new Rand(seed);
    ConvShape s = random(r, seed);
    float[] x = r.floats(s.inputSize() + 2);
    float[] w = r.floats(s.filterSize() + 3);
    float[] dy = r.floats(s.outputSize() + 1);
    float[] bias = r.floats(s.filters + 1);
    double[] xd = Rand.doubles(x, 2, s.inputSize());
    double[] wd = Rand.doubles(w, 3, s.filterSize());
    double[] dyd = Rand.doubles(dy, 1, s.outputSize());

    float[] y = new float[s.outputSize() + 4];
    float[] dx = new float[s.inputSize() + 1];
    float[] dw = new float[s.filterSize() + 1];
    Arrays.fill(y, 9f);
    Arrays.fill(dx, 9f);
    Arrays.fill(dw, 9f);
    ConvKernels.forward(s, x, 2, w, 3, y, 4, seed % 3 == 0 ? Epilogue.bias(bias, 1) : null);
    ConvKernels.inputGradient(s, dy, 1, w, 3, dx, 1);
    ConvKernels.filterGradient(s, x, 2, dy, 1, dw, 1);

    double[] yd = new double[s.outputSize()];
    double[] dxd = new double[s.inputSize()];
    double[] dwd = new double[s.filterSize()];
    DoubleConvKernels.forward(s, xd, 0, wd, 0, yd, 0);
    DoubleConvKernels.inputGradient(s, dyd, 0, wd, 0, dxd, 0);
    DoubleConvKernels.filterGradient(s, xd, 0, dyd, 0, dwd, 0);
    // <dy, conv(x, w)> is linear in x and in w: both gradients must give the same number
    double byOutput = dot(dyd, yd);
    assertThat(dot(dxd, xd)).isCloseTo(byOutput, org.assertj.core.data.Offset.offset(1e-8));
    assertThat(dot(dwd, wd)).isCloseTo(byOutput, org.assertj.core.data.Offset.offset(1e-8));
    for (int i = 0; i < yd.length; i++) {
      yd[i] += seed % 3 == 0 ? bias[1 + i % s.filters] : 0;
    }
    Rand.close("y", y, 4, yd, 2e-5);
    Rand.close("dx", dx, 1, dxd, 2e-5);
    Rand.close("dw", dw, 1, dwd, 5e-5);
    assertThat(y).startsWith(9f, 9f, 9f, 9f);
    assertThat(dx[0]).isEqualTo(9f);
    assertThat(dw[0]).isEqualTo(9f);
    if (s.groups == 1) {
      float[] again = new float[s.outputSize()];
      ConvKernels.forwardPacked(
          s,
          x,
          2,
          Gemm.pack(s.filterRows(), s.filterColumns(), w, 3, s.filterColumns(), 1),
          again,
          0,
          seed % 3 == 0 ? Epilogue.bias(bias, 1) : null);
      Rand.close("packed", again, 0, yd, 2e-5);
    }
  }

  /** As many channels and filters as have a kernel of their own, with padding and without. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void wideThreeByThreeMatchesDirectLoopsInBothForms(int seed) {
    Rand r = new Rand(seed);
    ConvShape s = threeByThree(r, r.in(1, 3), r.in(16, 40), r.in(16, 70), seed % 3);
    float[] x = r.floats(s.inputSize());
    float[] w = r.floats(s.filterSize());
    float[] bias = r.floats(s.filters);
    float[] y = new float[s.outputSize()];
    ConvKernels.forward(s, x, 0, w, 0, y, 0, Epilogue.bias(bias, 0));
    double[] expected = new double[s.outputSize()];
    DoubleConvKernels.forward(
        s, Rand.doubles(x, 0, x.length), 0, Rand.doubles(w, 0, w.length), 0, expected, 0);
    for (int i = 0; i < expected.length; i++) {
      expected[i] += bias[i % s.filters];
    }
    Rand.close("y", y, 0, expected, 2e-5);
    float[] again = new float[s.outputSize()];
    Object prepared =
        ConvKernels.prepare(s.taps(), s.channels, s.filters, ConvKernels.isTiled(s), w);
    ConvKernels.forwardPacked(s, x, 0, prepared, again, 0, Epilogue.bias(bias, 0));
    assertThat(again).isEqualTo(y);
  }

  /** What is not finite stays with the outputs that meet it, and an overflow is one of them. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e38f})
  void numbersThatAreNotFiniteStayWhereTheyAre(float odd) {
    Rand r = new Rand(4);
    ConvShape s = threeByThree(r, 1, 16, 16, 1);
    float[] x = r.floats(s.inputSize());
    float[] w = r.floats(s.filterSize());
    Arrays.fill(w, 0.5f);
    int row = s.inH / 2;
    int column = s.inW / 2;
    for (int i = -1; i <= 0; i++) {
      x[((row + i) * s.inW + column) * s.channels + 3] = odd;
    }
    float[] y = new float[s.outputSize()];
    ConvKernels.forward(s, x, 0, w, 0, y, 0, null);
    for (int p = 0; p < s.outH * s.outW; p++) {
      int down = p / s.outW - row;
      int right = p % s.outW - column;
      boolean both = down >= -1 && down <= 0 && Math.abs(right) <= 1;
      boolean one = (down == -2 || down == 1) && Math.abs(right) <= 1;
      float expected = both ? odd + odd : one ? odd * 0.5f : 0;
      for (int f = 0; f < s.filters; f++) {
        float got = y[p * s.filters + f];
        if (!both && !one) {
          assertThat(got).isFinite().isBetween(-100f, 100f);
        } else if (Float.isFinite(odd)) {
          assertThat(got).isCloseTo(odd * (both ? 1 : 0.5f), within(odd * 1e-6f));
        } else {
          assertThat(Float.compare(got, expected)).as("%s for %s", got, expected).isZero();
        }
      }
    }
  }

  private static ConvShape threeByThree(Rand r, int batch, int channels, int filters, int pad) {
    int height = r.in(9, 20);
    int width = r.in(9, 20);
    return new ConvShape(
        batch,
        new int[] {height, width},
        channels,
        new int[] {3, 3},
        filters,
        new int[] {height - 2 + 2 * pad, width - 2 + 2 * pad},
        new int[] {1, 1},
        new int[] {1, 1},
        new int[] {pad, pad},
        1);
  }

  private static double dot(double[] a, double[] b) {
    double s = 0;
    for (int i = 0; i < a.length; i++) {
      s += a[i] * b[i];
    }
    return s;
  }

  /** Lines longer than a chunk, planes in several chunks, filters too large for sums of groups. */
  @org.junit.jupiter.api.Test
  void filterGradientsInChunks() {
    int[][] shapes = { // batch, height, width, channels, kernel, filters, stride, padding
      {2, 1, 7000, 3, 3, 5, 1, 2},
      {1, 1, 9000, 8, 2, 16, 2, 0},
      {3, 60, 50, 16, 3, 16, 1, 1},
      {40, 9, 7, 5, 3, 33, 2, 1},
      {2, 6, 5, 180, 3, 190, 1, 1},
      {1, 5, 300, 150, 3, 200, 1, 0},
    };
    for (int[] v : shapes) {
      int kH = Math.min(v[4], v[1]);
      int outH = (v[1] + (kH > 1 ? 2 * v[7] : 0) - kH) / v[6] + 1;
      int outW = (v[2] + 2 * v[7] - v[4]) / v[6] + 1;
      ConvShape s =
          new ConvShape(
              v[0],
              new int[] {v[1], v[2]},
              v[3],
              new int[] {kH, v[4]},
              v[5],
              new int[] {outH, outW},
              new int[] {v[6], v[6]},
              new int[] {1, 1},
              new int[] {kH > 1 ? v[7] : 0, v[7]},
              1);
      Rand r = new Rand(v[2]);
      float[] x = r.floats(s.inputSize() + 1);
      float[] dy = r.floats(s.outputSize() + 2);
      float[] dw = new float[s.filterSize() + 3];
      ConvKernels.filterGradient(s, x, 1, dy, 2, dw, 3);
      double[] expected = new double[s.filterSize()];
      DoubleConvKernels.filterGradient(
          s,
          Rand.doubles(x, 1, s.inputSize()),
          0,
          Rand.doubles(dy, 2, s.outputSize()),
          0,
          expected,
          0);
      Rand.close("dw", dw, 3, expected, 2e-4);
      assertThat(dw).startsWith(0f, 0f, 0f);
    }
  }

  /** A value known by hand: width 4, kernel 2, stride 2, dilation 2, one zero in front. */
  @org.junit.jupiter.api.Test
  void oneDimension() {
    ConvShape s =
        new ConvShape(
            1,
            new int[] {4},
            1,
            new int[] {2},
            1,
            new int[] {2},
            new int[] {2},
            new int[] {2},
            new int[] {1},
            1);
    float[] y = new float[2];
    ConvKernels.forward(s, new float[] {1, 2, 3, 4}, 0, new float[] {10, 1}, 0, y, 0, null);
    assertThat(y).containsExactly(2f, 24f);
  }
}
