package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.function.IntConsumer;

/**
 * Convolution as sums of matrix products that read the input in place: the taps of one filter row
 * meet adjacent numbers, so one line of outputs is a product whose left rows overlap. No patches
 * are gathered; an input with padding is copied once.
 */
final class DirectConv {
  private static final long TASK = 1 << 21; // multiplications

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
        int width = width(s);
        Patches.copyLines(s, x, xo, plane, from, lines, 0, s.outW, block, 0, width, height);
        lines(s, lines, block, 0, width, height * width, w, y, yo, epilogue);
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
}
