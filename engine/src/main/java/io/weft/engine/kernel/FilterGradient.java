package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.GemmKernel.Lines;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;

/**
 * The gradient with respect to a filter as sums over chunks of output lines: what a filter row
 * meets is adjacent in the input, so its gradient is the sum of (row at a position)ᵀ · (gradient at
 * that position) over all positions, and one call walks a chunk that stays in a near cache. Only
 * chunks with padding are copied.
 *
 * <p>Groups of chunks have sums of their own, which are added in their order; their number follows
 * from the sizes. Where those sums would be large, tasks own rows of the gradient instead.
 */
final class FilterGradient {
  private static final int NEAR = 1 << 15; // floats of a chunk
  private static final int TERMS = 256; // of a chunk, where there are as many
  private static final int MOST_GROUPS = 16;
  private static final int FEW_GROUPS = 4;
  private static final int SUMS = 1 << 18; // floats in the sums of all groups
  private static final int ROWS = 168; // of a task that owns rows

  // least sizes for which a product for each line pays
  private static final int DEPTH = 32;
  private static final int LINE = 12;
  private static final int LINE_ROWS = 48;

  private final ConvShape s;
  private final boolean padded;
  private final int row; // numbers that a filter row meets
  private final int planes;

  // a chunk: so many planes; or lines of one; or outputs of one line
  private final int planesEach;
  private final int linesEach;
  private final int termsEach;
  private final int linesChunks;
  private final int termsChunks;
  private final int chunks;

  private FilterGradient(ConvShape s) {
    this.s = s;
    this.padded = DirectConv.isPadded(s);
    this.row = s.kW * s.channels;
    this.planes = s.batch * s.outD;
    long near = Math.max(NEAR, TERMS * ((long) s.channels + s.filters));
    long output = (long) s.strideW * s.strideH * s.channels + s.filters;
    long most = Math.max(1, near / output); // outputs in a chunk
    this.termsEach = (int) Math.min(s.outW, most);
    this.linesEach = termsEach < s.outW ? 1 : (int) Math.min(s.outH, Math.max(1, most / s.outW));
    boolean whole = linesEach == s.outH && termsEach == s.outW && s.outD == 1 && s.kD == 1;
    long plane = (long) s.outH * s.outW;
    this.planesEach = whole ? (int) Math.min(planes, Math.max(1, most / plane)) : 1;
    this.linesChunks = (s.outH + linesEach - 1) / linesEach;
    this.termsChunks = (s.outW + termsEach - 1) / termsEach;
    this.chunks = (planes + planesEach - 1) / planesEach * linesChunks * termsChunks;
  }

  /** Whether {@link #run} serves. */
  static boolean serves(ConvShape s) {
    long work = (long) s.outputSize() * s.taps() * s.channels;
    int row = s.kW * s.channels;
    boolean small = row < DEPTH || s.outW < LINE || s.taps() == 1;
    return s.groups == 1
        && s.dilationW == 1
        && (Gemm.addsLines(s.filters, work)
            || !small && Gemm.isInPlace(Math.min(row, LINE_ROWS), s.filters, s.outW));
  }

  /** {@code dw += } the gradient. */
  static void run(ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
    new FilterGradient(s).run(x, xo, dy, dyo, dw, dwo);
  }

  private void run(float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
    int size = s.filterSize();
    int groups = Math.min(Math.min(chunks, MOST_GROUPS), Math.max(1, SUMS / size));
    int taps = s.kD * s.kH;
    if (groups < FEW_GROUPS) {
      int parts = (row + ROWS - 1) / ROWS;
      int each = (row + parts - 1) / parts;
      WorkerTeam.shared()
          .parallel(
              taps * parts,
              t -> {
                int from = t % parts * each;
                int to = Math.min(row, from + each);
                chunks(0, chunks, t / parts, t / parts + 1, from, to, x, xo, dy, dyo, dw, dwo);
              });
      return;
    }
    float[] sums = Scratch.take(groups * size);
    try {
      WorkerTeam.shared()
          .parallel(
              groups,
              g -> {
                Arrays.fill(sums, g * size, (g + 1) * size, 0f);
                int from = (int) ((long) chunks * g / groups);
                int to = (int) ((long) chunks * (g + 1) / groups);
                chunks(from, to, 0, taps, 0, row, x, xo, dy, dyo, sums, g * size);
              });
      ReduceKernels.add(sums, 0, groups, size, dw, dwo);
    } finally {
      Scratch.give(sums);
    }
  }

  /** Adds what chunks {@code first … last - 1} give to some rows of some taps. */
  private void chunks(
      int first,
      int last,
      int fromTap,
      int toTap,
      int from,
      int to,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dw,
      int dwo) {
    int width = ((termsEach - 1) * s.strideW + s.kW) * s.channels;
    int height = (linesEach - 1) * s.strideH + (s.kH - 1) * s.dilationH + 1;
    long floats = (long) planesEach * s.kD * height * width;
    float[] block = padded ? Scratch.take(Math.toIntExact(floats)) : null;
    try {
      for (int q = first; q < last; q++) {
        int term = q % termsChunks * termsEach;
        int line = q / termsChunks % linesChunks * linesEach;
        int plane = q / termsChunks / linesChunks * planesEach;
        int lines = Math.min(linesEach, s.outH - line);
        int count = Math.min(planesEach, planes - plane);
        int terms = Math.min(termsEach, s.outW - term);
        int stride = padded ? width : s.inW * s.channels;
        int depth = padded ? height : s.inH * s.dilationD; // lines from a tap to a deeper one
        int planeStride = padded ? s.kD * height * width : s.inPositions() * s.channels;
        int start = padded ? 0 : xo + place(plane, line, term);
        for (int p = 0; padded && p < count; p++) {
          int at = p * planeStride;
          Patches.copyLines(
              s, x, xo, plane + p, line, lines, term, terms, block, at, width, height);
        }
        Lines walk =
            new Lines(count, planeStride, lines, s.strideH * stride, terms, s.strideW * s.channels);
        int gradient = dyo + ((plane * s.outH + line) * s.outW + term) * s.filters;
        for (int t = fromTap; t < toTap; t++) {
          int down = t / s.kH * depth + t % s.kH * s.dilationH;
          Gemm.addLines(
              to - from,
              s.filters,
              walk,
              padded ? block : x,
              start + down * stride + from,
              dy,
              gradient,
              dw,
              dwo + (t * row + from) * s.filters,
              s.filters);
        }
      }
    } finally {
      Scratch.give(block);
    }
  }

  /** Where the first element that an output meets lies in an input without padding. */
  private int place(int plane, int line, int term) {
    int depth = plane / s.outD * s.inD + plane % s.outD * s.strideD;
    int at = (depth * s.inH + line * s.strideH) * s.inW + term * s.strideW;
    return at * s.channels;
  }
}
