package io.weft.machinecode.asm;

/** Comparisons of floats, all false for NaN but {@link #UNORDERED}. */
public enum Compare {
  EQUAL(0x00),
  LESS(0x11),
  GREATER(0x1E),
  /** One of them is NaN. */
  UNORDERED(0x03);

  final int code;

  Compare(int code) {
    this.code = code;
  }
}
