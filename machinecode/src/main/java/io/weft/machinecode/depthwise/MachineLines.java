package io.weft.machinecode.depthwise;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.engine.thread.Scratch;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** Lines of one geometry: which blocks they consist of, and the calls that make them. */
final class MachineLines implements DepthwiseKernel.Lines {
  private static final long CALL = 1 << 21; // multiplications: a call ends within a millisecond

  private final MachineDepthwiseKernel kernel;
  private final DepthwiseKernel.Line line;
  private Run[] runs = new Run[4];
  private int size;

  /** {@code count} blocks of one kind, side by side from output {@code first} on. */
  private record Run(Block block, long address, int first, int count) {}

  MachineLines(MachineDepthwiseKernel kernel, DepthwiseKernel.Line line) {
    this.kernel = kernel;
    this.line = line;
    int blocks = (line.out() + DepthwiseCode.MOST_OUTPUTS - 1) / DepthwiseCode.MOST_OUTPUTS;
    for (int i = 0; i < blocks; i++) {
      int from = (int) ((long) line.out() * i / blocks);
      int to = (int) ((long) line.out() * (i + 1) / blocks);
      add(from, to - from);
    }
  }

  /** Adds a block, to the run before it if it is of the same kind. */
  private void add(int from, int outputs) {
    int column = from * line.stride() - line.pad();
    boolean small = Block.hasKey(line.taps(), line.stride(), line.dilation(), outputs);
    int span = small ? Block.span(line.taps(), line.stride(), line.dilation(), outputs) : 0;
    int low = Math.min(span, Math.max(0, -column));
    int high = Math.max(low, Math.min(span, line.in() - column));
    Block block = new Block(line.taps(), line.stride(), line.dilation(), outputs, low, high);
    Run before = size == 0 ? null : runs[size - 1];
    if (before != null && small && before.block.isSame(block)) {
      runs[size - 1] = new Run(before.block, before.address, before.first, before.count + 1);
      return;
    }
    runs = size == runs.length ? Arrays.copyOf(runs, 2 * size) : runs;
    runs[size++] = new Run(block, small ? kernel.address(block) : 0, from, 1);
  }

  @Override
  public void run(
      int count,
      int rows,
      float[] x,
      int xo,
      int lineStep,
      int rowStep,
      float[] w,
      int wo,
      float[] y,
      int yo,
      Epilogue.Simple last) {
    int c = line.channels();
    int column = c * Float.BYTES;
    if (count == 0 || line.out() == 0 || c == 0) {
      return;
    }
    if (rows > 0) {
      check(x.length, xo, count, lineStep, rows, rowStep, line.in() * c);
      Objects.checkFromIndexSize(wo, (long) rows * line.taps() * c, (long) w.length);
    }
    Objects.checkFromIndexSize(yo, (long) count * line.out() * c, (long) y.length);
    float[] parameters = last == null ? null : Scratch.take(3 * c);
    try {
      Frame f = Frame.own();
      f.set(DepthwiseCode.STEPS, 0);
      if (last != null) {
        last.copy(0, c, parameters);
        f.set(DepthwiseCode.STEPS, steps(last));
        f.set(DepthwiseCode.PARAMETERS, column);
        f.set(DepthwiseCode.MOST, Float.floatToRawIntBits(last.most()));
      }
      f.set(DepthwiseCode.PARAMETERS_OFFSET, 0);
      f.set(DepthwiseCode.W_OFFSET, (long) wo * Float.BYTES);
      f.set(DepthwiseCode.X_LINE, (long) lineStep * Float.BYTES);
      f.set(DepthwiseCode.Y_LINE, (long) line.out() * column);
      f.set(DepthwiseCode.ROWS, rows);
      f.set(DepthwiseCode.X_ROW, (long) rowStep * Float.BYTES);
      f.set(DepthwiseCode.COLUMN, column);
      f.set(DepthwiseCode.CHANNELS, c);
      f.set(DepthwiseCode.MASK, Tail.mask(kernel.isa(), c % kernel.isa().lanes()));
      MemorySegment input = MemorySegment.ofArray(x);
      MemorySegment weights = MemorySegment.ofArray(w);
      MemorySegment output = MemorySegment.ofArray(y);
      MemorySegment p = parameters == null ? output : MemorySegment.ofArray(parameters);
      for (int i = 0; i < size; i++) {
        Run r = runs[i];
        if (r.address == 0) {
          PlainLines.run(
              line,
              r.first,
              r.count * r.block.outputs(),
              count,
              rows,
              x,
              xo,
              lineStep,
              rowStep,
              w,
              wo,
              y,
              yo,
              last);
        } else {
          calls(r, f, count, rows, input, xo, weights, output, yo, p);
        }
      }
    } finally {
      Scratch.give(parameters);
    }
  }

  /** The calls for one run of blocks. */
  private void calls(
      Run r,
      Frame f,
      int count,
      int rows,
      MemorySegment x,
      int xo,
      MemorySegment w,
      MemorySegment y,
      int yo,
      MemorySegment parameters) {
    long column = (long) line.channels() * Float.BYTES;
    Block b = r.block;
    long work = (long) count * b.outputs() * Math.max(1, rows) * b.taps() * line.channels();
    int most = (int) Math.max(1, Math.min(r.count, CALL / work));
    f.set(DepthwiseCode.X_BLOCK, column * b.outputs() * b.stride());
    f.set(DepthwiseCode.Y_BLOCK, column * b.outputs());
    for (int i = 0; i < r.count; i += most) {
      int output = r.first + i * b.outputs();
      // no column is read where none of the block's lies in the input
      long start = b.low() == b.high() ? 0 : (long) output * b.stride() - line.pad() + b.low();
      f.set(DepthwiseCode.X_OFFSET, (long) xo * Float.BYTES + start * column);
      f.set(DepthwiseCode.Y_OFFSET, (long) yo * Float.BYTES + output * column);
      f.set(DepthwiseCode.LINES, count);
      f.set(DepthwiseCode.BLOCKS, Math.min(most, r.count - i));
      NativeCall.run(r.address, x, w, y, parameters, f);
    }
  }

  /** Which steps of the kernel follow the sums. */
  static int steps(Epilogue.Simple last) {
    return (last.bias() == null ? 0 : DepthwiseCode.BIAS)
        | (last.factor() == null ? 0 : DepthwiseCode.SCALE)
        | (last.relu() ? DepthwiseCode.RELU : 0)
        | (last.isBounded() ? DepthwiseCode.BOUND : 0);
  }

  /** What machine code would not notice: lines that reach beyond their array. */
  static void check(int length, int xo, int lines, int lineStep, int rows, int rowStep, int row) {
    long most = xo + (lines - 1L) * lineStep + (rows - 1L) * rowStep + row;
    if (xo < 0 || lineStep < 0 || rowStep < 0 || most > length) {
      throw new IndexOutOfBoundsException(
          "DepthwiseKernel: expected an input of " + most + " elements. Received: " + length);
    }
  }
}
