package io.weft.engine.kernel;

import java.util.Arrays;

/** The double convolutions: direct loops for gradient checks; parameters as {@link ConvKernels}. */
public final class DoubleConvKernels {
  private DoubleConvKernels() {}

  /** One multiplication of a convolution: {@code y[output] += x[input] * w[filter]}. */
  private interface Term {
    void at(int input, int filter, int output);
  }

  private static void each(ConvShape s, Term body) {
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    int positions = s.outPositions();
    for (int p = 0; p < s.batch * positions; p++) {
      int ow = p % s.outW;
      int oh = p / s.outW % s.outH;
      int od = p / (s.outW * s.outH) % s.outD;
      int image = p / positions;
      for (int tap = 0; tap < s.taps(); tap++) {
        int w = ow * s.strideW + tap % s.kW * s.dilationW - s.padW;
        int h = oh * s.strideH + tap / s.kW % s.kH * s.dilationH - s.padH;
        int d = od * s.strideD + tap / (s.kW * s.kH) * s.dilationD - s.padD;
        if (d < 0 || d >= s.inD || h < 0 || h >= s.inH || w < 0 || w >= s.inW) {
          continue;
        }
        int in = (((image * s.inD + d) * s.inH + h) * s.inW + w) * s.channels;
        for (int f = 0; f < s.filters; f++) {
          int first = in + f / outer * inner;
          for (int c = 0; c < inner; c++) {
            body.at(first + c, (tap * inner + c) * s.filters + f, p * s.filters + f);
          }
        }
      }
    }
  }

  /** {@code y = conv(x, w)}. */
  public static void forward(
      ConvShape s, double[] x, int xo, double[] w, int wo, double[] y, int yo) {
    Arrays.fill(y, yo, yo + s.outputSize(), 0.0);
    each(s, (i, f, o) -> y[yo + o] += x[xo + i] * w[wo + f]);
  }

  /** Gradient with respect to the input; overwrites dx. */
  public static void inputGradient(
      ConvShape s, double[] dy, int dyo, double[] w, int wo, double[] dx, int dxo) {
    Arrays.fill(dx, dxo, dxo + s.inputSize(), 0.0);
    each(s, (i, f, o) -> dx[dxo + i] += dy[dyo + o] * w[wo + f]);
  }

  /** Gradient with respect to the filter; overwrites dw. */
  public static void filterGradient(
      ConvShape s, double[] x, int xo, double[] dy, int dyo, double[] dw, int dwo) {
    Arrays.fill(dw, dwo, dwo + s.filterSize(), 0.0);
    each(s, (i, f, o) -> dw[dwo + f] += x[xo + i] * dy[dyo + o]);
  }
}
