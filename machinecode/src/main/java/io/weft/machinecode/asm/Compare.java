package io.weft.machinecode.asm;

/** Comparisons of floats, all false for NaN but the last two. */
public enum Compare {
  EQUAL(0x00),
  LESS(0x11),
  GREATER(0x1E),
  GREATER_OR_EQUAL(0x1D),
  /** One of them is NaN. */
  UNORDERED(0x03),
  /** True for NaN. */
  NOT_EQUAL(0x04);

  final int code;

  Compare(int code) {
    this.code = code;
  }
}
