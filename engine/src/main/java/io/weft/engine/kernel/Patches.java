package io.weft.engine.kernel;

import java.util.Arrays;

/** The patch matrix of a convolution (rows: output positions, columns: tap, channel), by blocks. */
final class Patches {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();

  private Patches() {}

  /**
   * Writes rows {@code from … to - 1} (positions counted over the whole batch) and taps {@code tap0
   * … tap1 - 1} of the patches of {@code width} channels starting at channel {@code channel}.
   */
  static void gather(
      ConvShape s,
      float[] x,
      int xo,
      int channel,
      int width,
      int from,
      int to,
      int tap0,
      int tap1,
      float[] rows) {
    int target = 0;
    int run = (tap1 - tap0) * width;
    boolean wholeRows = s.dilationW == 1 && width == s.channels;
    int firstKw = tap0 % s.kW;
    int firstKh = tap0 / s.kW % s.kH;
    int firstKd = tap0 / (s.kW * s.kH);
    int ow = from % s.outW;
    int rest = from / s.outW;
    int oh = rest % s.outH;
    rest /= s.outH;
    int od = rest % s.outD;
    int image = rest / s.outD;
    for (int p = from; p < to; p++) {
      int base = xo + image * s.inPositions() * s.channels + channel;
      int tap = tap0;
      int at = target;
      int kw = firstKw;
      int kh = firstKh;
      int kd = firstKd;
      while (tap < tap1) {
        int count = Math.min(tap1 - tap, s.kW - kw);
        int d = od * s.strideD + kd * s.dilationD - s.padD;
        int h = oh * s.strideH + kh * s.dilationH - s.padH;
        if (d < 0 || d >= s.inD || h < 0 || h >= s.inH) {
          Arrays.fill(rows, at, at + count * width, 0f);
        } else {
          int line = base + (d * s.inH + h) * s.inW * s.channels;
          int w = ow * s.strideW + kw * s.dilationW - s.padW;
          if (wholeRows) {
            copyLine(x, line, w, count, width, s.inW, rows, at);
          } else {
            for (int t = 0; t < count; t++) {
              int u = w + t * s.dilationW;
              if (u < 0 || u >= s.inW) {
                Arrays.fill(rows, at + t * width, at + (t + 1) * width, 0f);
              } else {
                System.arraycopy(x, line + u * s.channels, rows, at + t * width, width);
              }
            }
          }
        }
        tap += count;
        at += count * width;
        kw = 0;
        if (++kh == s.kH) {
          kh = 0;
          kd++;
        }
      }
      target += run;
      if (++ow == s.outW) {
        ow = 0;
        if (++oh == s.outH) {
          oh = 0;
          if (++od == s.outD) {
            od = 0;
            image++;
          }
        }
      }
    }
  }

  /** Adjacent taps over adjacent pixels: at most one copy, zeros at the two ends. */
  private static void copyLine(
      float[] x, int line, int w, int count, int width, int inW, float[] rows, int at) {
    int first = Math.min(count, Math.max(0, -w));
    int last = Math.max(first, Math.min(count, inW - w));
    if (first > 0) {
      Arrays.fill(rows, at, at + first * width, 0f);
    }
    if (last > first) {
      System.arraycopy(
          x, line + (w + first) * width, rows, at + first * width, (last - first) * width);
    }
    if (last < count) {
      Arrays.fill(rows, at + last * width, at + count * width, 0f);
    }
  }

  /**
   * Adds patch rows {@code from … to - 1} of one image back to where they were read: the transpose
   * of {@link #gather} with all taps.
   */
  static void scatterAdd(
      ConvShape s,
      float[] rows,
      int from,
      int to,
      float[] x,
      int imageOffset,
      int channel,
      int width) {
    int source = 0;
    for (int p = from; p < to; p++) {
      int ow = p % s.outW;
      int oh = p / s.outW % s.outH;
      int od = p / (s.outW * s.outH);
      for (int kd = 0; kd < s.kD; kd++) {
        int d = od * s.strideD + kd * s.dilationD - s.padD;
        for (int kh = 0; kh < s.kH; kh++) {
          int h = oh * s.strideH + kh * s.dilationH - s.padH;
          if (d < 0 || d >= s.inD || h < 0 || h >= s.inH) {
            source += s.kW * width;
            continue;
          }
          int line = imageOffset + (d * s.inH + h) * s.inW * s.channels + channel;
          for (int kw = 0; kw < s.kW; kw++, source += width) {
            int w = ow * s.strideW + kw * s.dilationW - s.padW;
            if (w >= 0 && w < s.inW) {
              int target = line + w * s.channels;
              ARRAYS.add(rows, source, x, target, width);
            }
          }
        }
      }
    }
  }

  /**
   * Copies what outputs {@code term … term + terms - 1} of some lines of a plane (image and depth)
   * meet, with zeros in place of padding: for each depth of the filter {@code height} lines {@code
   * width} numbers apart.
   */
  static void copyLines(
      ConvShape s,
      float[] x,
      int xo,
      int plane,
      int line,
      int lines,
      int term,
      int terms,
      float[] block,
      int at,
      int width,
      int height) {
    int used = (lines - 1) * s.strideH + (s.kH - 1) * s.dilationH + 1;
    int first = term * s.strideW - s.padW; // column of the input
    int columns = (terms - 1) * s.strideW + s.kW;
    int low = Math.min(columns, Math.max(0, -first));
    int high = Math.max(low, Math.min(columns, s.inW - first));
    int c = s.channels;
    for (int d = 0; d < s.kD; d++) {
      int inD = plane % s.outD * s.strideD + d * s.dilationD - s.padD;
      for (int h = 0; h < used; h++) {
        int inH = line * s.strideH + h - s.padH;
        int to = at + (d * height + h) * width;
        if (inD < 0 || inD >= s.inD || inH < 0 || inH >= s.inH || low == high) {
          Arrays.fill(block, to, to + columns * c, 0f);
          continue;
        }
        int lineOfX = (plane / s.outD * s.inD + inD) * s.inH + inH;
        int from = xo + (lineOfX * s.inW + first + low) * c;
        Arrays.fill(block, to, to + low * c, 0f);
        System.arraycopy(x, from, block, to + low * c, (high - low) * c);
        Arrays.fill(block, to + high * c, to + columns * c, 0f);
      }
    }
  }
}
