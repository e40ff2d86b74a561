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

  private DepthwiseLines(ConvShape s) {
    this.s = s;
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

  private static DepthwiseKernel.Line line(ConvShape s) {
    return new DepthwiseKernel.Line(
        s.channels, s.kW, s.strideW, s.dilationW, s.padW, s.inW, s.outW);
  }

  /** {@code y = conv(x, w)}, then the epilogue, unless it is null. */
  static void forward(
      ConvShape s, float[] x, int xo, float[] w, int wo, float[] y, int yo, Epilogue epilogue) {
    DepthwiseKernel.Lines kernel = Machine.KERNEL.lines(line(s));
    Epilogue.Simple last = epilogue == null ? null : epilogue.simple();
    int lines = s.batch * s.outD * s.outH;
    int row = s.inW * s.channels;
    int outputs = s.outW * s.channels;
    int perTask = (int) Math.max(1, TASK / Math.max(1, (long) outputs * s.taps()));
    Group body =
        (line, count, rows, input, filter) -> {
          int out = yo + line * outputs;
          kernel.run(
              count,
              rows,
              x,
              xo + input,
              s.strideH * row,
              s.dilationH * row,
              w,
              wo + filter,
              y,
              out,
              last);
          if (last == null && epilogue != null) {
            epilogue.apply(y, out, s.channels, count * s.outW, 0, s.channels);
          } else if (last != null && last.rest() != null) {
            last.rest().apply(y, out, count * outputs);
          }
        };
    DepthwiseLines groups = new DepthwiseLines(s);
    WorkerTeam.shared()
        .parallel(
            (lines + perTask - 1) / perTask,
            t -> groups.each(t * perTask, Math.min(lines, (t + 1) * perTask), body));
  }

  /** What computes gradients with these sizes, or null if that is left to others. */
  static DepthwiseKernel.Gradients gradients(ConvShape s) {
    return serve(s) ? Machine.KERNEL.gradients(line(s)) : null;
  }

  /** {@code dw += } gradient of lines {@code from … to - 1} with respect to the filter. */
  static void filterGradient(
      DepthwiseKernel.Gradients kernel,
      ConvShape s,
      int from,
      int to,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dw,
      int dwo) {
    int row = s.inW * s.channels;
    Group body =
        (line, count, rows, input, filter) ->
            kernel.filter(
                count,
                rows,
                x,
                xo + input,
                s.strideH * row,
                s.dilationH * row,
                dy,
                dyo + line * s.outW * s.channels,
                dw,
                dwo + filter);
    new DepthwiseLines(s).each(from, to, body);
  }

  /** {@code dx += } gradient of lines {@code from … to - 1} with respect to the input. */
  static void inputGradient(
      DepthwiseKernel.Gradients kernel,
      ConvShape s,
      int from,
      int to,
      float[] dy,
      int dyo,
      float[] w,
      int wo,
      float[] dx,
      int dxo) {
    int row = s.inW * s.channels;
    Group body =
        (line, count, rows, input, filter) ->
            kernel.input(
                count,
                rows,
                dx,
                dxo + input,
                s.strideH * row,
                s.dilationH * row,
                dy,
                dyo + line * s.outW * s.channels,
                w,
                wo + filter);
    new DepthwiseLines(s).each(from, to, body);
  }

  /** Lines from {@code line} on that meet the same rows of the filter. */
  private interface Group {
    /**
     * Works on them.
     *
     * @param input first element of the input that they meet, with the first of these rows
     * @param filter first element of this row of the filter
     */
    void work(int line, int count, int rows, int input, int filter);
  }

  private void each(int from, int to, Group body) {
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
      int image = line / (s.outH * s.outD);
      int start = (image * s.inD + depth(line)) * s.inH + top(line) + first * s.dilationH;
      body.work(
          line,
          end - line,
          rows,
          rows == 0 ? 0 : start * s.inW * s.channels,
          rows == 0 ? 0 : first * s.kW * s.channels);
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
}
