package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Convolution with one input channel in each group, {@code q = filters / channels} filters for
 * each. Called through {@link ConvKernels}.
 */
final class DepthwiseKernels {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();

  private DepthwiseKernels() {}

  /** What is done with one tap over one output position. */
  private interface Tap {
    void at(int tap, int input, int output);
  }

  /** Calls {@code body} for every tap inside the input of output line {@code line}. */
  private static void line(ConvShape s, int line, Tap body) {
    int oh = line % s.outH;
    int od = line / s.outH % s.outD;
    int image = line / (s.outH * s.outD);
    for (int kd = 0; kd < s.kD; kd++) {
      int d = od * s.strideD + kd * s.dilationD - s.padD;
      for (int kh = 0; kh < s.kH; kh++) {
        int h = oh * s.strideH + kh * s.dilationH - s.padH;
        if (d < 0 || d >= s.inD || h < 0 || h >= s.inH) {
          continue;
        }
        int in = ((image * s.inD + d) * s.inH + h) * s.inW;
        for (int ow = 0; ow < s.outW; ow++) {
          for (int kw = 0; kw < s.kW; kw++) {
            int w = ow * s.strideW + kw * s.dilationW - s.padW;
            if (w >= 0 && w < s.inW) {
              body.at((kd * s.kH + kh) * s.kW + kw, in + w, line * s.outW + ow);
            }
          }
        }
      }
    }
  }

  static void forward(
      ConvShape s, float[] x, int xo, float[] w, int wo, float[] y, int yo, Epilogue epilogue) {
    if (DepthwiseLines.serve(s)) {
      DepthwiseLines.forward(s, x, xo, w, wo, y, yo, epilogue);
      return;
    }
    if (s.isDepthwise()) {
      DepthwiseWeights weights = DepthwiseWeights.of(s.taps(), s.channels, s.run(), w, wo);
      forward(s, x, xo, weights, y, yo, epilogue);
      return;
    }
    int f = s.filters;
    int c = s.channels;
    lines(
        s,
        y,
        yo,
        epilogue,
        () ->
            (line, start) -> {
              Arrays.fill(y, start, start + s.outW * f, 0f);
              line(
                  s,
                  line,
                  (tap, input, output) ->
                      multiplyAdd(
                          c, f / c, x, xo + input * c, w, wo + tap * f, y, yo + output * f));
            });
  }

  /** {@link ConvShape#isDepthwise}, with prepared weights. */
  static void forward(
      ConvShape s,
      float[] x,
      int xo,
      DepthwiseWeights weights,
      float[] y,
      int yo,
      Epilogue epilogue) {
    lines(s, y, yo, epilogue, () -> new Windows(s, weights, x, xo, y));
  }

  /** Makes one line of the output, which starts at {@code start}. */
  private interface Line {
    void make(int line, int start);
  }

  private static void lines(
      ConvShape s, float[] y, int yo, Epilogue epilogue, Supplier<Line> bodies) {
    int lines = s.batch * s.outD * s.outH;
    int perTask = linesPerTask(s);
    WorkerTeam.shared()
        .parallel(
            (lines + perTask - 1) / perTask,
            t -> {
              Line body = bodies.get();
              int end = Math.min(lines, (t + 1) * perTask);
              for (int line = t * perTask; line < end; line++) {
                int start = yo + line * s.outW * s.filters;
                body.make(line, start);
                if (epilogue != null) {
                  finish(epilogue, y, start, s.outW, s.filters);
                }
              }
            });
  }

  /**
   * One filter for each channel: sums over the taps of a window, for several positions at once
   * where the inputs of neighbors are neighbors too.
   */
  private static final class Windows implements Line {
    private final ConvShape s;
    private final DepthwiseWeights weights;
    private final float[] x;
    private final int xo;
    private final float[] y;
    private final int[] starts; // where taps meet the input, and their weights
    private final float[][] taps;

    Windows(ConvShape s, DepthwiseWeights weights, float[] x, int xo, float[] y) {
      this.s = s;
      this.weights = weights;
      this.x = x;
      this.xo = xo;
      this.y = y;
      starts = new int[s.taps()];
      taps = new float[s.taps()][];
    }

    @Override
    public void make(int line, int start) {
      int c = s.channels;
      int last = s.inW + s.padW - (s.kW - 1) * s.dilationW - 1; // the last column read from
      int inside = Math.min(s.outW, (s.padW + s.strideW - 1) / s.strideW);
      int outside = last < 0 ? inside : Math.max(inside, Math.min(s.outW, last / s.strideW + 1));
      for (int ow = 0; ow < s.outW; ) {
        boolean whole = ow >= inside && ow < outside;
        int n = whole ? Math.min(weights.positions(), outside - ow) : 1;
        int count = meet(line, ow);
        ARRAYS.sumOfProducts(count, x, starts, taps, y, start + ow * c, n * c);
        ow += n;
      }
    }

    /** Finds the taps inside the input for an output position; their number. */
    private int meet(int line, int ow) {
      int c = s.channels;
      int oh = line % s.outH;
      int od = line / s.outH % s.outD;
      int image = line / (s.outH * s.outD);
      int count = 0;
      for (int tap = 0; tap < s.taps(); tap++) {
        int w = ow * s.strideW + tap % s.kW * s.dilationW - s.padW;
        int h = oh * s.strideH + tap / s.kW % s.kH * s.dilationH - s.padH;
        int d = od * s.strideD + tap / (s.kW * s.kH) * s.dilationD - s.padD;
        if (w >= 0 && w < s.inW && h >= 0 && h < s.inH && d >= 0 && d < s.inD) {
          starts[count] = xo + (((image * s.inD + d) * s.inH + h) * s.inW + w) * c;
          taps[count++] = weights.taps()[tap];
        }
      }
      return count;
    }
  }

  private static void finish(Epilogue e, float[] y, int start, int positions, int f) {
    if (e.bias() != null) {
      for (int p = 0; p < positions; p++) {
        ARRAYS.add(e.bias(), e.biasOffset(), y, start + p * f, f);
      }
    }
    if (e.action() != null) {
      e.action().apply(y, start, positions * f);
    }
  }

  private static void multiplyAdd(
      int c, int q, float[] x, int xo, float[] w, int wo, float[] y, int yo) {
    if (q == 1) {
      ARRAYS.addProduct(x, xo, w, wo, y, yo, c);
      return;
    }
    for (int i = 0; i < c; i++) {
      for (int j = 0; j < q; j++) {
        y[yo + i * q + j] += x[xo + i] * w[wo + i * q + j];
      }
    }
  }

  static void inputGradient(
      ConvShape s, float[] dy, int dyo, float[] w, int wo, float[] dx, int dxo) {
    int f = s.filters;
    int c = s.channels;
    int q = f / c;
    if (q == 1 && s.strideD == 1 && s.strideH == 1 && s.strideW == 1) {
      float[] mirrored = Scratch.take(s.filterSize());
      try {
        for (int t = 0; t < s.taps(); t++) {
          System.arraycopy(w, wo + t * c, mirrored, (s.taps() - 1 - t) * c, c);
        }
        forward(s.mirrored(), dy, dyo, mirrored, 0, dx, dxo, null);
      } finally {
        Scratch.give(mirrored);
      }
      return;
    }
    int lines = s.outD * s.outH;
    DepthwiseKernel.Gradients kernel = DepthwiseLines.gradients(s);
    WorkerTeam.shared()
        .parallel(
            s.batch,
            image -> {
              if (kernel != null) {
                int from = image * lines;
                DepthwiseLines.inputGradient(
                    kernel, s, from, from + lines, dy, dyo, w, wo, dx, dxo);
                return;
              }
              for (int line = image * lines; line < (image + 1) * lines; line++) {
                line(
                    s,
                    line,
                    (tap, input, output) -> {
                      int in = dxo + input * c;
                      int out = dyo + output * f;
                      int v = wo + tap * f;
                      if (q == 1) {
                        ARRAYS.addProduct(dy, out, w, v, dx, in, c);
                        return;
                      }
                      for (int i = 0; i < c; i++) {
                        float sum = 0;
                        for (int j = i * q; j < i * q + q; j++) {
                          sum += dy[out + j] * w[v + j];
                        }
                        dx[in + i] += sum;
                      }
                    });
              }
            });
  }

  static void filterGradient(
      ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
    int f = s.filters;
    int c = s.channels;
    int q = f / c;
    int size = s.filterSize();
    int lines = s.outD * s.outH;
    int parts = Math.min(s.batch, 16); // fixed by the batch; added in order below
    DepthwiseKernel.Gradients kernel = DepthwiseLines.gradients(s);
    float[] partial = Scratch.take(parts * size);
    try {
      Arrays.fill(partial, 0, parts * size, 0f);
      WorkerTeam.shared()
          .parallel(
              parts,
              t -> {
                int from = (int) ((long) s.batch * t / parts) * lines;
                int to = (int) ((long) s.batch * (t + 1) / parts) * lines;
                if (kernel != null) {
                  DepthwiseLines.filterGradient(
                      kernel, s, from, to, x, xo, dy, dyo, partial, t * size);
                  return;
                }
                for (int line = from; line < to; line++) {
                  line(
                      s,
                      line,
                      (tap, input, output) -> {
                        int in = xo + input * c;
                        int out = dyo + output * f;
                        int v = t * size + tap * f;
                        if (q == 1) {
                          ARRAYS.addProduct(x, in, dy, out, partial, v, c);
                          return;
                        }
                        for (int i = 0; i < c; i++) {
                          for (int j = i * q; j < i * q + q; j++) {
                            partial[v + j] += x[in + i] * dy[out + j];
                          }
                        }
                      });
                }
              });
      for (int t = 0; t < parts; t++) {
        for (int i = 0; i < size; i++) {
          dw[dwo + i] += partial[t * size + i];
        }
      }
    } finally {
      Scratch.give(partial);
    }
  }

  private static int linesPerTask(ConvShape s) {
    long work = (long) s.outW * s.filters * s.taps();
    return (int) Math.max(1, (1 << 17) / Math.max(1, work));
  }
}
