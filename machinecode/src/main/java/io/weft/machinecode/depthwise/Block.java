package io.weft.machinecode.depthwise;

/**
 * Neighboring outputs of a line and the columns of the input that they meet: output p meets column
 * {@code p·stride + t·dilation} with tap t, where column 0 is the first that output 0 meets. Only
 * columns {@code low … high - 1} lie in the input.
 *
 * @param taps taps in a row of the filter
 * @param outputs how many outputs
 */
record Block(int taps, int stride, int dilation, int outputs, int low, int high) {
  private static final int BITS = 10;

  /** Columns from the first to the last that some output meets, were they all in the input. */
  static int span(int taps, int stride, int dilation, int outputs) {
    return (outputs - 1) * stride + (taps - 1) * dilation + 1;
  }

  /** Whether {@link #key} tells apart all blocks of a line with these numbers. */
  static boolean hasKey(int taps, int stride, int dilation, int outputs) {
    long span = (outputs - 1L) * stride + (taps - 1L) * dilation + 1;
    return span < 1 << BITS && stride < 1 << BITS && dilation < 1 << BITS;
  }

  /** A number for this block alone. Asking a record for its hash would link code first. */
  long key() {
    long key = 0;
    for (int part : new int[] {taps, stride, dilation, outputs, low, high}) {
      key = key << BITS | part;
    }
    return key;
  }

  /** Whether one kernel serves both. */
  boolean isSame(Block other) {
    return key() == other.key();
  }

  /** The tap with which an output meets a column, or −1. */
  int tap(int output, int column) {
    int beyond = column - output * stride;
    boolean meets = beyond >= 0 && beyond % dilation == 0 && beyond / dilation < taps;
    return meets && column >= low && column < high ? beyond / dilation : -1;
  }
}
