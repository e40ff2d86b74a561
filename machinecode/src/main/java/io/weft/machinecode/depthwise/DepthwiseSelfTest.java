package io.weft.machinecode.depthwise;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Tries the kernel of a block before it serves: two lines of it against plain loops, all bits. */
final class DepthwiseSelfTest {
  private static final int ROWS = 2;
  private static final int LINES = 2;
  private static final float CANARY = 12345f;

  private DepthwiseSelfTest() {}

  /**
   * Runs it.
   *
   * @throws IllegalStateException if the kernel gives a wrong number or writes beside its outputs
   */
  static void run(Isa isa, Block block, long address) {
    int channels = isa.lanes() + 3; // a whole vector and a rest
    int columns = block.high() - block.low();
    // the block alone in its line: what lies beside the input is padding on the left
    DepthwiseKernel.Line line =
        new DepthwiseKernel.Line(
            channels,
            block.taps(),
            block.stride(),
            block.dilation(),
            block.low(),
            columns,
            block.outputs());
    float[] x = numbers((ROWS + LINES - 1) * columns * channels, 7);
    float[] w = numbers(ROWS * block.taps() * channels, 5);
    float[] p = numbers(3 * channels, 3);
    Epilogue.Simple all =
        new Epilogue.Simple(
            Arrays.copyOf(p, channels),
            Arrays.copyOfRange(p, channels, 2 * channels),
            Arrays.copyOfRange(p, 2 * channels, 3 * channels),
            0,
            true,
            2f,
            null);
    int length = block.outputs() * channels;
    int row = columns * channels;
    for (Epilogue.Simple last : new Epilogue.Simple[] {null, all}) {
      float[] y = new float[LINES * length + 2];
      y[0] = CANARY;
      y[y.length - 1] = CANARY;
      float[] expected = y.clone();
      PlainLines.run(
          line, 0, block.outputs(), LINES, ROWS, x, 0, row, row, w, 0, expected, 1, last);
      Frame f = Frame.own();
      f.set(DepthwiseCode.X_OFFSET, 0);
      f.set(DepthwiseCode.W_OFFSET, 0);
      f.set(DepthwiseCode.Y_OFFSET, Float.BYTES);
      f.set(DepthwiseCode.LINES, LINES);
      f.set(DepthwiseCode.X_LINE, (long) row * Float.BYTES);
      f.set(DepthwiseCode.Y_LINE, (long) length * Float.BYTES);
      f.set(DepthwiseCode.BLOCKS, 1);
      f.set(DepthwiseCode.X_BLOCK, 0);
      f.set(DepthwiseCode.Y_BLOCK, 0);
      f.set(DepthwiseCode.ROWS, ROWS);
      f.set(DepthwiseCode.X_ROW, (long) row * Float.BYTES);
      f.set(DepthwiseCode.COLUMN, (long) channels * Float.BYTES);
      f.set(DepthwiseCode.CHANNELS, channels);
      f.set(DepthwiseCode.MASK, Tail.mask(isa, channels % isa.lanes()));
      f.set(DepthwiseCode.STEPS, last == null ? 0 : MachineLines.steps(last));
      f.set(DepthwiseCode.PARAMETERS, (long) channels * Float.BYTES);
      f.set(DepthwiseCode.PARAMETERS_OFFSET, 0);
      f.set(DepthwiseCode.MOST, Float.floatToRawIntBits(2f));
      NativeCall.run(
          address,
          MemorySegment.ofArray(x),
          MemorySegment.ofArray(w),
          MemorySegment.ofArray(y),
          MemorySegment.ofArray(p),
          f);
      int wrong = Arrays.mismatch(y, expected);
      if (wrong >= 0) {
        throw new IllegalStateException(
            "machine code: a depthwise convolution gave " + y[wrong] + " for " + expected[wrong]);
      }
    }
  }

  /** Neither small integers nor equal ones, so that a wrong tap or a rounding in between shows. */
  static float[] numbers(int n, int step) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (i * step % 97 - 48) / 37f;
    }
    return x;
  }
}
