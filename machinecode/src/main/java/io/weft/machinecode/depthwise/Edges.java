package io.weft.machinecode.depthwise;

import io.weft.engine.kernel.DepthwiseKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * What the gradients of lines have in common: which taps meet the input, as bits, for each output
 * at the left and at the right end of a line where not all do.
 */
record Edges(int taps, int dilation, List<Integer> left, List<Integer> right) {
  private static final int MOST_TAPS = 7;
  private static final int MOST = 64; // outputs with code of their own

  /** Those of a line, or null where there are too many for a kernel. */
  static Edges of(DepthwiseKernel.Line line) {
    if (line.taps() > MOST_TAPS) {
      return null;
    }
    List<Integer> left = new ArrayList<>();
    List<Integer> right = new ArrayList<>();
    int all = (1 << line.taps()) - 1;
    int first = 0;
    while (first < line.out() && left.size() <= MOST && meets(line, first) != all) {
      left.add(meets(line, first++));
    }
    int last = line.out();
    while (last > first && right.size() <= MOST && meets(line, last - 1) != all) {
      right.add(0, meets(line, --last));
    }
    boolean few = left.size() + right.size() <= MOST;
    return few
        ? new Edges(line.taps(), line.dilation(), List.copyOf(left), List.copyOf(right))
        : null;
  }

  /** The taps with which an output meets the input. */
  private static int meets(DepthwiseKernel.Line line, int output) {
    int bits = 0;
    for (int t = 0; t < line.taps(); t++) {
      int column = output * line.stride() + t * line.dilation() - line.pad();
      bits |= column >= 0 && column < line.in() ? 1 << t : 0;
    }
    return bits;
  }

  /** Bits for all taps. */
  int all() {
    return (1 << taps) - 1;
  }
}
