package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoolKernelsTest {
  @Test
  void matchesDirectLoops() {
    for (int seed = 0; seed < 60; seed++) {
      Rand r = new Rand(seed);
      int rank = r.in(1, 3);
      int[] in = new int[rank];
      int[] window = new int[rank];
      int[] out = new int[rank];
      int[] stride = new int[rank];
      int[] pad = new int[rank];
      for (int i = 0; i < rank; i++) {
        window[i] = r.in(1, 3);
        stride[i] = r.in(1, 3);
        pad[i] = r.in(0, window[i] - 1);
        int behind = r.in(0, window[i] - 1);
        in[i] = window[i] + r.in(0, 6);
        out[i] = (in[i] + pad[i] + behind - window[i]) / stride[i] + 1;
      }
      ConvShape s = PoolKernels.shape(r.in(1, 3), in, r.in(1, 19), window, out, stride, pad);
      float[] x = r.floats(s.inputSize() + 1);
      for (int i = 0; i < x.length; i += 3) {
        x[i] = Math.round(x[i] * 2); // ties
      }
      float[] dy = r.floats(s.outputSize());
      compare(s, x, dy);
    }
  }

  private static void compare(ConvShape s, float[] x, float[] dy) {
    int c = s.channels;
    double[] max = new double[s.outputSize()];
    double[] avg = new double[s.outputSize()];
    double[] dmax = new double[s.inputSize()];
    double[] davg = new double[s.inputSize()];
    for (int o = 0; o < max.length; o++) {
      int p = o / c;
      int w0 = p % s.outW * s.strideW - s.padW;
      int h0 = p / s.outW % s.outH * s.strideH - s.padH;
      int d0 = p / (s.outW * s.outH) % s.outD * s.strideD - s.padD;
      int image = p / s.outPositions();
      int best = -1;
      int[] seen = new int[s.taps()];
      int count = 0;
      for (int t = 0; t < s.taps(); t++) {
        int w = w0 + t % s.kW;
        int h = h0 + t / s.kW % s.kH;
        int d = d0 + t / (s.kW * s.kH);
        if (w < 0 || w >= s.inW || h < 0 || h >= s.inH || d < 0 || d >= s.inD) {
          continue;
        }
        int i = (((image * s.inD + d) * s.inH + h) * s.inW + w) * c + o % c;
        seen[count++] = i;
        best = best < 0 || x[1 + i] > x[1 + best] ? i : best;
      }
      max[o] = x[1 + best];
      dmax[best] += dy[o];
      for (int t = 0; t < count; t++) {
        avg[o] += x[1 + seen[t]] / (double) count;
        davg[seen[t]] += dy[o] / (double) count;
      }
    }
    float[] y = new float[max.length + 2];
    PoolKernels.max(s, x, 1, y, 2);
    Rand.close("max", y, 2, max, 0);
    PoolKernels.average(s, x, 1, y, 2);
    Rand.close("average", y, 2, avg, 1e-6);
    float[] dx = new float[dmax.length + 1];
    PoolKernels.maxGradient(s, x, 1, dy, 0, dx, 1);
    Rand.close("max gradient", dx, 1, dmax, 1e-6);
    PoolKernels.averageGradient(s, dy, 0, dx, 1);
    Rand.close("average gradient", dx, 1, davg, 1e-6);
  }

  @Test
  void nanIsTheMaximum() {
    ConvShape s =
        PoolKernels.shape(
            1, new int[] {3}, 1, new int[] {3}, new int[] {1}, new int[] {1}, new int[] {0});
    float[] y = new float[1];
    PoolKernels.max(s, new float[] {1, Float.NaN, 2}, 0, y, 0);
    assertThat(y[0]).isNaN();
  }
}
