package io.weft.machinecode.depthwise;

import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.machinecode.asm.Isa;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Tries a gradient before it serves: two lines against plain loops, all bits. */
final class GradientSelfTest {
  private static final int ROWS = 2;
  private static final int LINES = 2;
  private static final int INNER = 3;

  private GradientSelfTest() {}

  /**
   * Runs it.
   *
   * @throws IllegalStateException if the kernel gives a wrong number or writes beside its results
   */
  static void run(
      Isa isa, DepthwiseKernel.Line whole, Edges edges, boolean toFilter, long address) {
    DepthwiseKernel.Line line = shortened(whole, edges, isa.lanes() + 3);
    int row = line.in() * line.channels();
    float[] x = DepthwiseSelfTest.numbers((ROWS + LINES - 1) * row + 2, 7);
    float[] w = DepthwiseSelfTest.numbers(ROWS * line.taps() * line.channels() + 2, 5);
    float[] y = DepthwiseSelfTest.numbers(LINES * line.out() * line.channels(), 3);
    float[] rightX = x.clone();
    float[] rightW = w.clone();
    PlainGradients.run(line, toFilter, LINES, ROWS, rightX, 1, row, row, y, 0, rightW, 1);
    MachineGradients.call(
        isa,
        address,
        line,
        edges,
        LINES,
        ROWS,
        MemorySegment.ofArray(x),
        1,
        row,
        row,
        MemorySegment.ofArray(y),
        0,
        MemorySegment.ofArray(w),
        1);
    if (!Arrays.equals(x, rightX) || !Arrays.equals(w, rightW)) {
      throw new IllegalStateException(
          "machine code: a gradient of a depthwise convolution is wrong for " + edges);
    }
  }

  /** The line with few channels and few outputs between the edges, which stay as they are. */
  private static DepthwiseKernel.Line shortened(DepthwiseKernel.Line l, Edges edges, int channels) {
    int inner = l.out() - edges.left().size() - edges.right().size();
    int less = Math.max(0, inner - INNER);
    return new DepthwiseKernel.Line(
        channels,
        l.taps(),
        l.stride(),
        l.dilation(),
        l.pad(),
        l.in() - less * l.stride(),
        l.out() - less);
  }
}
