package io.weft.engine.kernel;

/**
 * A float array from an offset on, for kernels with many operands.
 *
 * @param array the array, not copied
 * @param offset index of the first element
 */
public record Span(float[] array, int offset) {
  /** {@code span} from its element n on; null stays null. */
  static Span shift(Span span, int n) {
    return span == null ? null : new Span(span.array, span.offset + n);
  }

  /** The whole array. */
  public static Span of(float[] array) {
    return new Span(array, 0);
  }
}
