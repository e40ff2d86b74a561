package io.weft.machinecode.asm;

/** Conditions of a jump, after a comparison or subtraction of signed numbers. */
public enum Condition {
  /** Equal, or the result is zero. */
  EQUAL(4),
  /** Not equal, or the result is not zero. */
  NOT_EQUAL(5),
  /** Less. */
  LESS(12),
  /** Greater or equal. */
  GREATER_OR_EQUAL(13);

  final int code;

  Condition(int code) {
    this.code = code;
  }
}
