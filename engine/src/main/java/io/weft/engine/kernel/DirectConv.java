package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Convolution as sums of matrix products that read the input in place: the taps of one filter row
 * meet adjacent numbers, so one line of outputs is a product whose left rows overlap. No patches
 * are gathered; an input with padding is copied once.
 */
final class DirectConv {
  private static final int DEPTH = 32; // least numbers that one filter row meets in a gradient
  private static final int LINE = 12; // least outputs in a line whose products pay as sums
  private static final long TASK = 1 << 21; // multiplications
  private static final int ROWS = 48; // of the filter gradient in one task

  private DirectConv() {}

  private static boolean fits(ConvShape s, int depth) {
    return s.groups == 1 && s.dilationW == 1 && s.taps() > 1 && s.kW * s.channels >= depth;
  }

  /** Whether {@link #forward} serves. */
  static boolean servesForward(ConvShape s) {
    return s.filters >= 8 && s.outW >= 4 && (fits(s, Gemm.shortestTap()) || isThinned(s));
  }

  /** Whether each output meets one input, and not all inputs are met: no patches are needed. */
  private static boolean isThinned(ConvShape s) {
    return s.groups == 1 && s.taps() == 1 && s.channels >= Gemm.shortestTap();
  }

  /** Whether {@link #filterGradient} serves. */
  static boolean servesFilterGradient(ConvShape s) {
    return fits(s, DEPTH)
        && s.outW >= LINE
        && Gemm.isInPlace(Math.min(ROWS, s.kW * s.channels), s.filters, s.outW);
  }

  /** Numbers in the part of an input line that outputs meet, padding included. */
  private static int width(ConvShape s) {
    return ((s.outW - 1) * s.strideW + s.kW) * s.channels;
  }

  private static int height(ConvShape s, int lines) {
    return (lines - 1) * s.strideH + (s.kH - 1) * s.dilationH + 1;
  }

  static boolean isPadded(ConvShape s) {
    int depth = (s.outD - 1) * s.strideD + (s.kD - 1) * s.dilationD + 1;
    return s.padD != 0
        || s.padH != 0
        || s.padW != 0
        || depth > s.inD
        || height(s, s.outH) > s.inH
        || width(s) > s.inW * s.channels;
  }

  /** {@code y = conv(x, w)}, then bias and action. */
  static void forward(
      ConvShape s, float[] x, int xo, PackedB w, float[] y, int yo, Epilogue epilogue) {
    long line = (long) s.outW * s.taps() * s.channels * s.filters;
    int lines = (int) Math.max(1, Math.min(s.outH, TASK / Math.max(1, line)));
    int perPlane = (s.outH + lines - 1) / lines;
    WorkerTeam.shared()
        .parallel(
            s.batch * s.outD * perPlane,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                int plane = t / perPlane;
                int from = t % perPlane * lines;
                int count = Math.min(s.outH - from, lines);
                int out = yo + (plane * s.outH + from) * s.outW * s.filters;
                lines(s, x, xo, plane, from, count, w, y, out, epilogue);
              }
            });
  }

  /**
   * Some lines of outputs of a plane (image and depth), on this thread.
   *
   * @param yo first output of line {@code from}
   */
  static void lines(
      ConvShape s,
      float[] x,
      int xo,
      int plane,
      int from,
      int lines,
      PackedB w,
      float[] y,
      int yo,
      Epilogue epilogue) {
    if (isPadded(s)) {
      int height = height(s, lines);
      float[] block = Scratch.take(s.kD * height * width(s));
      try {
        copy(s, x, xo, plane, from * s.strideH, height, s.kD, block, 0);
        lines(s, lines, block, 0, width(s), height * width(s), w, y, yo, epilogue);
      } finally {
        Scratch.give(block);
      }
    } else {
      int row = s.inW * s.channels;
      int image = xo + plane / s.outD * s.inPositions() * s.channels;
      int first = plane % s.outD * s.strideD * s.inH + from * s.strideH;
      int depth = s.dilationD * s.inH * row;
      lines(s, lines, x, image + first * row, row, depth, w, y, yo, epilogue);
    }
  }

  /**
   * Copies what the outputs of a plane (image and depth) meet, zeros in place of padding: {@code
   * depths} planes of {@code height} lines from line {@code top} (padding counted) on.
   */
  private static void copy(
      ConvShape s,
      float[] x,
      int xo,
      int plane,
      int top,
      int height,
      int depths,
      float[] block,
      int at) {
    int width = width(s);
    int c = s.channels;
    int before = Math.min(width, s.padW * c);
    int skipped = Math.max(0, -s.padW) * c; // a negative padding cuts
    int inside = Math.max(0, Math.min(width - Math.max(0, before), s.inW * c - skipped));
    before = Math.max(0, before);
    for (int d = 0; d < depths; d++) {
      int inD = plane % s.outD * s.strideD + d * s.dilationD - s.padD;
      for (int h = 0; h < height; h++) {
        int inH = top + h - s.padH;
        int to = at + (d * height + h) * width;
        if (inD < 0 || inD >= s.inD || inH < 0 || inH >= s.inH) {
          Arrays.fill(block, to, to + width, 0f);
          continue;
        }
        int from = xo + ((plane / s.outD * s.inD + inD) * s.inH + inH) * s.inW * c + skipped;
        Arrays.fill(block, to, to + before, 0f);
        System.arraycopy(x, from, block, to + before, inside);
        Arrays.fill(block, to + before + inside, to + width, 0f);
      }
    }
  }

  private static void lines(
      ConvShape s,
      int lines,
      float[] x,
      int xo,
      int row,
      int depth,
      PackedB w,
      float[] y,
      int yo,
      Epilogue epilogue) {
    int k = s.kW * s.channels;
    for (int d = 0; d < s.kD; d++) {
      Gemm.multiplyTaps(
          lines,
          s.strideH * row,
          s.outW,
          x,
          xo + d * depth,
          s.strideW * s.channels,
          s.kH,
          s.dilationH * row,
          w,
          d * s.kH * k,
          k,
          y,
          yo,
          s.filters,
          d > 0,
          d == s.kD - 1 ? epilogue : null);
    }
  }

  /**
   * {@code dw += } gradient with respect to the filter. Each task owns some rows of dw and walks
   * over all lines: no partial sums to combine.
   */
  static void filterGradient(
      ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
    int planes = s.batch * s.outD;
    int height = height(s, s.outH);
    int plane = s.kD * height * width(s);
    boolean padded = isPadded(s);
    float[] copies = padded ? Scratch.take(Math.multiplyExact(planes, plane)) : null;
    try {
      if (padded) {
        WorkerTeam.shared()
            .parallel(planes, p -> copy(s, x, xo, p, 0, height, s.kD, copies, p * plane));
      }
      int k = s.kW * s.channels;
      int parts = (k + ROWS - 1) / ROWS;
      int rows = (k + parts - 1) / parts;
      int row = padded ? width(s) : s.inW * s.channels;
      WorkerTeam.shared()
          .parallel(
              s.kD * s.kH * parts,
              t -> {
                int first = t % parts * rows;
                int tap = t / parts;
                int down = tap % s.kH * s.dilationH;
                for (int p = 0; p < planes; p++) {
                  int start =
                      padded
                          ? p * plane + tap / s.kH * height * row
                          : xo + depth(s, p, tap / s.kH) * row;
                  for (int i = 0; i < s.outH && first < k; i++) {
                    Gemm.multiply(
                        Math.min(rows, k - first),
                        s.filters,
                        s.outW,
                        padded ? copies : x,
                        start + (i * s.strideH + down) * row + first,
                        1,
                        s.strideW * s.channels,
                        dy,
                        dyo + (p * s.outH + i) * s.outW * s.filters,
                        s.filters,
                        1,
                        dw,
                        dwo + (tap * k + first) * s.filters,
                        s.filters,
                        true,
                        null);
                  }
                }
              });
    } finally {
      Scratch.give(copies);
    }
  }

  /** First input line that a plane's outputs meet at a tap's depth. */
  private static int depth(ConvShape s, int plane, int tap) {
    int d = plane % s.outD * s.strideD + tap * s.dilationD;
    return (plane / s.outD * s.inD + d) * s.inH;
  }
}
