package io.weft.machinecode.depthwise;

import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Gradients of lines of one geometry. */
final class MachineGradients implements DepthwiseKernel.Gradients {
  private static final long CALL = 1 << 21; // multiplications: a call ends within a millisecond

  private final MachineDepthwiseKernel kernel;
  private final DepthwiseKernel.Line line;
  private final Edges edges;

  MachineGradients(MachineDepthwiseKernel kernel, DepthwiseKernel.Line line, Edges edges) {
    this.kernel = kernel;
    this.line = line;
    this.edges = edges;
  }

  @Override
  public void filter(
      int count,
      int rows,
      float[] x,
      int xo,
      int lineStep,
      int rowStep,
      float[] dy,
      int dyo,
      float[] dw,
      int dwo) {
    run(true, count, rows, x, xo, lineStep, rowStep, dy, dyo, dw, dwo);
  }

  @Override
  public void input(
      int count,
      int rows,
      float[] dx,
      int dxo,
      int lineStep,
      int rowStep,
      float[] dy,
      int dyo,
      float[] w,
      int wo) {
    run(false, count, rows, dx, dxo, lineStep, rowStep, dy, dyo, w, wo);
  }

  private void run(
      boolean toFilter,
      int count,
      int rows,
      float[] x,
      int xo,
      int lineStep,
      int rowStep,
      float[] y,
      int yo,
      float[] w,
      int wo) {
    int c = line.channels();
    if (count == 0 || rows == 0 || c == 0 || line.out() == 0) {
      return;
    }
    MachineLines.check(x.length, xo, count, lineStep, rows, rowStep, line.in() * c);
    Objects.checkFromIndexSize(wo, (long) rows * line.taps() * c, (long) w.length);
    Objects.checkFromIndexSize(yo, (long) count * line.out() * c, (long) y.length);
    long address = kernel.address(line, edges, toFilter);
    if (address == 0) {
      PlainGradients.run(line, toFilter, count, rows, x, xo, lineStep, rowStep, y, yo, w, wo);
      return;
    }
    long work = (long) line.out() * rows * line.taps() * c;
    int most = (int) Math.max(1, Math.min(count, CALL / work));
    for (int i = 0; i < count; i += most) {
      call(
          kernel.isa(),
          address,
          line,
          edges,
          Math.min(most, count - i),
          rows,
          MemorySegment.ofArray(x),
          xo + i * lineStep,
          lineStep,
          rowStep,
          MemorySegment.ofArray(y),
          yo + i * line.out() * c,
          MemorySegment.ofArray(w),
          wo);
    }
  }

  /** One call; nothing is checked. */
  static void call(
      Isa isa,
      long address,
      DepthwiseKernel.Line line,
      Edges edges,
      int count,
      int rows,
      MemorySegment x,
      int xo,
      int lineStep,
      int rowStep,
      MemorySegment y,
      int yo,
      MemorySegment w,
      int wo) {
    int c = line.channels();
    long column = (long) c * Float.BYTES;
    Frame f = Frame.own();
    f.set(GradientCode.X_OFFSET, (long) xo * Float.BYTES - line.pad() * column);
    f.set(GradientCode.W_OFFSET, (long) wo * Float.BYTES);
    f.set(GradientCode.Y_OFFSET, (long) yo * Float.BYTES);
    f.set(GradientCode.LINES, count);
    f.set(GradientCode.X_LINE, (long) lineStep * Float.BYTES);
    f.set(GradientCode.Y_LINE, line.out() * column);
    f.set(GradientCode.ROWS, rows);
    f.set(GradientCode.X_ROW, (long) rowStep * Float.BYTES);
    f.set(GradientCode.W_ROW, line.taps() * column);
    f.set(GradientCode.COLUMN, column);
    f.set(GradientCode.TAP, line.dilation() * column);
    f.set(GradientCode.OUTPUT, line.stride() * column);
    f.set(GradientCode.INNER, line.out() - edges.left().size() - edges.right().size());
    f.set(GradientCode.CHANNELS, c);
    f.set(GradientCode.MASK, Tail.mask(isa, c % isa.lanes()));
    NativeCall.run(address, x, y, w, f);
  }
}
