package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.thread.WorkerTeam;
import io.weft.engine.tier.KernelTier;

/**
 * Depthwise convolution with one filter for each channel by a {@link DepthwiseKernel}: adjacent
 * lines that meet the same rows of the filter are one call.
 */
final class DepthwiseLines {
  private static final long TINY = 1 << 11; // fewer multiplications never wait for machine code
  private static final long TASK = 1 << 20;

  private final ConvShape s;
  private final DepthwiseKernel.Lines kernel;
  private final float[] x;
  private final int xo;
  private final float[] w;
  private final int wo;
  private final float[] y;
  private final int yo;
  private final Epilogue epilogue;
  private final Epilogue.Simple last;

  private DepthwiseLines(
      ConvShape s, float[] x, int xo, float[] w, int wo, float[] y, int yo, Epilogue epilogue) {
    this.s = s;
    this.kernel =
        Machine.KERNEL.lines(
            new DepthwiseKernel.Line(
                s.channels, s.kW, s.strideW, s.dilationW, s.padW, s.inW, s.outW));
    this.x = x;
    this.xo = xo;
    this.w = w;
    this.wo = wo;
    this.y = y;
    this.yo = yo;
    this.epilogue = epilogue;
    this.last = epilogue == null ? null : epilogue.simple();
  }

  /** Asked for when the first convolution comes that is not tiny. */
  private static final class Machine {
    static final DepthwiseKernel KERNEL = KernelTier.machine(DepthwiseKernel.class);
  }

  /** Whether {@link #forward} serves; this waits for machine code. */
  static boolean serve(ConvShape s) {
    return s.isDepthwise()
        && s.kD == 1
        && KernelTier.isMachinePossible()
        && (long) s.outputSize() * s.taps() >= TINY
        && Machine.KERNEL != null;
  }

  /** {@code y = conv(x, w)}, then the epilogue, unless it is null. */
  static void forward(
      ConvShape s, float[] x, int xo, float[] w, int wo, float[] y, int yo, Epilogue epilogue) {
    DepthwiseLines work = new DepthwiseLines(s, x, xo, w, wo, y, yo, epilogue);
    int lines = s.batch * s.outD * s.outH;
    long line = (long) s.outW * s.filters * s.taps();
    int perTask = (int) Math.max(1, TASK / Math.max(1, line));
    WorkerTeam.shared()
        .parallel(
            (lines + perTask - 1) / perTask,
            t -> work.make(t * perTask, Math.min(lines, (t + 1) * perTask)));
  }

  private void make(int from, int to) {
    for (int line = from; line < to; ) {
      int end = line + 1;
      int first = firstRow(line);
      int rows = Math.max(0, lastRow(line) - first);
      while (end < to
          && end % s.outH != 0
          && firstRow(end) == first
          && Math.max(0, lastRow(end) - first) == rows) {
        end++;
      }
      run(line, end - line, first, rows);
      line = end;
    }
  }

  /** The line of the input, padding counted below 0, that the filter's first row meets. */
  private int top(int line) {
    return line % s.outH * s.strideH - s.padH;
  }

  /** The filter's first row that meets the input. */
  private int firstRow(int line) {
    int above = Math.max(0, -top(line));
    return (above + s.dilationH - 1) / s.dilationH;
  }

  /** The row behind the last one that meets the input; no row does with a plane beside it. */
  private int lastRow(int line) {
    int depth = depth(line);
    int left = s.inH - top(line);
    boolean beside = left <= 0 || depth < 0 || depth >= s.inD;
    return beside ? 0 : Math.min(s.kH, (left + s.dilationH - 1) / s.dilationH);
  }

  private int depth(int line) {
    return line / s.outH % s.outD * s.strideD - s.padD;
  }

  private void run(int line, int count, int first, int rows) {
    int row = s.inW * s.channels;
    int image = line / (s.outH * s.outD);
    int start = (image * s.inD + depth(line)) * s.inH + top(line) + first * s.dilationH;
    int out = yo + line * s.outW * s.channels;
    kernel.run(
        count,
        rows,
        x,
        rows == 0 ? xo : xo + start * row,
        s.strideH * row,
        s.dilationH * row,
        w,
        rows == 0 ? wo : wo + first * s.kW * s.channels,
        y,
        out,
        last);
    int elements = count * s.outW * s.channels;
    if (last == null && epilogue != null) {
      epilogue.apply(y, out, s.channels, count * s.outW, 0, s.channels);
    } else if (last != null && last.rest() != null) {
      last.rest().apply(y, out, elements);
    }
  }
}
