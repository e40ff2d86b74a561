package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Maximum and average pooling, channels last; the geometry is a {@link ConvShape} whose kernel is
 * the window and whose filters are its channels. Padding belongs to no window: it never is the
 * maximum and does not count in the average. Arrays must not overlap.
 */
public final class PoolKernels {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();

  private PoolKernels() {}

  /** Geometry of a pooling without dilation. */
  public static ConvShape shape(
      int batch, int[] in, int channels, int[] window, int[] out, int[] stride, int[] pad) {
    int[] ones = new int[in.length];
    Arrays.fill(ones, 1);
    return new ConvShape(batch, in, channels, window, channels, out, stride, ones, pad, channels);
  }

  /** What is done with one window: input positions are offset by 0, 1, … from {@code first}. */
  private interface Window {
    void at(int output, int image, int d0, int d1, int h0, int h1, int w0, int w1);
  }

  private static void each(ConvShape s, boolean byImage, Window body) {
    int lines = s.outD * s.outH;
    int perTask =
        byImage
            ? lines
            : Math.max(1, (1 << 15) / Math.max(1, s.outW * s.channels * Math.min(s.taps(), 64)));
    int perImage = Math.max(1, (lines + perTask - 1) / perTask);
    WorkerTeam.shared()
        .parallel(
            s.batch * perImage,
            t -> {
              int image = t / perImage;
              int end = Math.min(lines, (t % perImage + 1) * perTask);
              for (int line = t % perImage * perTask; line < end; line++) {
                int d = line / s.outH * s.strideD - s.padD;
                int h = line % s.outH * s.strideH - s.padH;
                for (int ow = 0; ow < s.outW; ow++) {
                  int w = ow * s.strideW - s.padW;
                  body.at(
                      (image * lines + line) * s.outW + ow,
                      image,
                      Math.max(0, d),
                      Math.min(s.inD, d + s.kD),
                      Math.max(0, h),
                      Math.min(s.inH, h + s.kH),
                      Math.max(0, w),
                      Math.min(s.inW, w + s.kW));
                }
              }
            });
  }

  private static int input(ConvShape s, int image, int d, int h, int w) {
    return (((image * s.inD + d) * s.inH + h) * s.inW + w) * s.channels;
  }

  /**
   * {@code y} = largest value of each window, NaN if there is one. Lines that windows share are
   * compared as a whole, then neighbors within the line of the largest.
   */
  public static void max(ConvShape s, float[] x, int xo, float[] y, int yo) {
    int lines = s.outD * s.outH;
    long work = (long) s.outW * s.channels * Math.min(s.taps(), 64);
    int perTask = (int) Math.max(1, (1 << 15) / Math.max(1, work));
    int tasks = (s.batch * lines + perTask - 1) / perTask;
    WorkerTeam.shared()
        .parallel(
            tasks,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                float[] largest = Scratch.take(s.inW * s.channels);
                try {
                  int end = Math.min(s.batch * lines, (t + 1) * perTask);
                  for (int line = t * perTask; line < end; line++) {
                    int out = yo + line * s.outW * s.channels;
                    maxLine(s, line / lines, line % lines, x, xo, largest, y, out);
                  }
                } finally {
                  Scratch.give(largest);
                }
              }
            });
  }

  private static void maxLine(
      ConvShape s, int image, int line, float[] x, int xo, float[] largest, float[] y, int out) {
    int c = s.channels;
    int n = s.inW * c;
    int top = line % s.outH * s.strideH - s.padH;
    int front = line / s.outH * s.strideD - s.padD;
    float[] best = null; // the only line, or their largest
    int from = 0;
    for (int d = Math.max(0, front); d < Math.min(s.inD, front + s.kD); d++) {
      for (int h = Math.max(0, top); h < Math.min(s.inH, top + s.kH); h++) {
        int in = xo + input(s, image, d, h, 0);
        if (best == null) {
          best = x;
          from = in;
        } else if (best == x) {
          ElementKernel.of(n).maximum(x, from, x, in, largest, 0, n);
          best = largest;
          from = 0;
        } else {
          ARRAYS.maximum(x, in, largest, 0, n);
        }
      }
    }
    for (int ow = 0; ow < s.outW; ow++) {
      int left = ow * s.strideW - s.padW;
      int w0 = Math.max(0, left);
      int w1 = Math.min(s.inW, left + s.kW);
      int at = out + ow * c;
      if (best == null || w0 >= w1) { // nothing but padding
        Arrays.fill(y, at, at + c, Float.NEGATIVE_INFINITY);
      } else if (w1 - w0 == 1) {
        System.arraycopy(best, from + w0 * c, y, at, c);
      } else {
        ElementKernel.of(c).maximum(best, from + w0 * c, best, from + (w0 + 1) * c, y, at, c);
        for (int w = w0 + 2; w < w1; w++) {
          ARRAYS.maximum(best, from + w * c, y, at, c);
        }
      }
    }
  }

  /** Gradient of {@link #max}: all of it to the first maximum of the window; overwrites dx. */
  public static void maxGradient(
      ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
    Arrays.fill(dx, dxo, dxo + s.inputSize(), 0f);
    int lines = s.outD * s.outH;
    WorkerTeam.shared()
        .parallel(
            s.batch,
            image -> {
              for (int line = 0; line < lines; line++) {
                maxGradient(s, image, line, x, xo, dy, dyo, dx, dxo);
              }
            });
  }

  private static void maxGradient(
      ConvShape s,
      int image,
      int line,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo) {
    int c = s.channels;
    int top = line % s.outH * s.strideH - s.padH;
    int front = line / s.outH * s.strideD - s.padD;
    int out = dyo + (image * s.outD * s.outH + line) * s.outW * c;
    for (int ow = 0; ow < s.outW; ) {
      int left = ow * s.strideW - s.padW;
      int w0 = Math.max(0, left);
      int w1 = Math.min(s.inW, left + s.kW);
      int count = 1;
      if (left >= 0 && left + s.kW <= s.inW) { // and so whole windows beside it
        count = Math.min(s.outW - ow, (s.inW - left - s.kW) / s.strideW + 1);
      }
      int[] taps = taps(s, image, front, top, w0, w1);
      if (taps.length > 0) {
        ARRAYS.addToFirstLargest(count, s.strideW * c, taps, x, xo, dy, out + ow * c, dx, dxo, c);
      }
      ow += count;
    }
  }

  /** Where the taps of a window start, as far as they lie in the input. */
  private static int[] taps(ConvShape s, int image, int front, int top, int w0, int w1) {
    int d0 = Math.max(0, front);
    int d1 = Math.min(s.inD, front + s.kD);
    int h0 = Math.max(0, top);
    int h1 = Math.min(s.inH, top + s.kH);
    int[] taps = new int[Math.max(0, d1 - d0) * Math.max(0, h1 - h0) * Math.max(0, w1 - w0)];
    int n = 0;
    for (int d = d0; d < d1; d++) {
      for (int h = h0; h < h1; h++) {
        for (int w = w0; w < w1; w++) {
          taps[n++] = input(s, image, d, h, w);
        }
      }
    }
    return taps;
  }

  /** {@code y} = mean of each window, padding not counted. */
  public static void average(ConvShape s, float[] x, int xo, float[] y, int yo) {
    int c = s.channels;
    each(
        s,
        false,
        (output, image, d0, d1, h0, h1, w0, w1) -> {
          int out = yo + output * c;
          Arrays.fill(y, out, out + c, 0f);
          for (int d = d0; d < d1; d++) {
            if (w1 - w0 == s.inW && h1 > h0) { // lines side by side
              int in = xo + input(s, image, d, h0, w0);
              ARRAYS.addRows(x, in, (h1 - h0) * s.inW, c, y, out);
              continue;
            }
            for (int h = h0; h < h1; h++) {
              for (int w = w0; w < w1; w++) {
                int in = xo + input(s, image, d, h, w);
                ARRAYS.add(x, in, y, out, c);
              }
            }
          }
          float scale = 1f / ((d1 - d0) * (h1 - h0) * (w1 - w0));
          ARRAYS.affine(y, out, scale, 0f, y, out, c);
        });
  }

  /** Gradient of {@link #average}; overwrites dx. */
  public static void averageGradient(ConvShape s, float[] dy, int dyo, float[] dx, int dxo) {
    int c = s.channels;
    Arrays.fill(dx, dxo, dxo + s.inputSize(), 0f);
    each(
        s,
        true,
        (output, image, d0, d1, h0, h1, w0, w1) -> {
          int out = dyo + output * c;
          float scale = 1f / ((d1 - d0) * (h1 - h0) * (w1 - w0));
          for (int d = d0; d < d1; d++) {
            for (int h = h0; h < h1; h++) {
              for (int w = w0; w < w1; w++) {
                int in = dxo + input(s, image, d, h, w);
                ARRAYS.addScaled(dy, out, scale, dx, in, c);
              }
            }
          }
        });
  }
}
