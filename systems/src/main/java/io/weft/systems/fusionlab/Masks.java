package io.weft.systems.fusionlab;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Masks of sequences and attention. One convention everywhere: true = is there, may attend.
 *
 * <p>fusionlab's {@code create_causal_mask} marks the forbidden positions, which its attention then
 * reads as the allowed ones: a decoder sees the future only. {@link #causal} is right; {@link
 * #inverted} is what the original gives.
 */
public final class Masks {
  private Masks() {}

  /** What a position may see: itself and those before, {@code (1, 1, n, n)}. */
  public static Tensor causal(int n) {
    return Ops.greaterEqual(rows(n), Ops.reshape(Ops.arange(n), 1, 1, 1, n));
  }

  /** The original's causal mask {@code (1, 1, n, n)}: 1 above the diagonal, float32. */
  public static Tensor inverted(int n) {
    Tensor above = Ops.less(rows(n), Ops.reshape(Ops.arange(n), 1, 1, 1, n));
    return Ops.cast(above, DType.FLOAT32);
  }

  private static Tensor rows(int n) {
    if (n < 1) {
      throw new ConfigException("causal mask: size must be a positive integer. Received: " + n);
    }
    return Ops.reshape(Ops.arange(n), 1, 1, n, 1);
  }

  /**
   * True at the steps of each sequence, {@code (batch, maxLength)}.
   *
   * @param lengths integers (batch)
   * @param maxLength null for the greatest of the lengths, which then must be numbers and not
   *     values of a capture
   * @param invert true at the padding instead
   */
  public static Tensor fromLengths(Tensor lengths, Integer maxLength, boolean invert) {
    if (lengths.rank() != 1 || lengths.dtype().isFloating()) {
      throw new ShapeException(
          "pad_mask_from_lengths: expected integers (batch). Received: " + lengths.spec());
    }
    int n = maxLength != null ? maxLength : longest(lengths);
    if (n < 0) {
      throw new ConfigException(
          "pad_mask_from_lengths: max_len must not be negative. Received: max_len=" + n);
    }
    Tensor steps = Ops.reshape(Ops.arange(n), 1, n);
    Tensor count = Ops.expandDims(Ops.cast(lengths, DType.INT32), 1);
    return invert ? Ops.greaterEqual(steps, count) : Ops.less(steps, count);
  }

  private static int longest(Tensor lengths) {
    int n = 0;
    for (double d : lengths.toDoubleArray()) {
      n = Math.max(n, (int) d);
    }
    return n;
  }

  /**
   * The mask of sequences as one that multiplies their features, {@code (batch, T, 1)}.
   *
   * @param data (batch, T, features): says T
   * @param lengths integers (batch), or null
   * @param mask (batch, T), or null; one of the two must be given, this one counts first
   * @param invert true at the padding instead
   */
  public static Tensor ofSequences(Tensor data, Tensor lengths, Tensor mask, boolean invert) {
    if (lengths == null && mask == null) {
      throw new ConfigException(
          "sequence_mask_3d: expected lengths or mask_2d. Received: neither. Give one of them.");
    }
    if (data.rank() < 2) {
      throw new ShapeException(
          "sequence_mask_3d: expected data (batch, T, features). Received: " + data.shape());
    }
    Tensor m = mask == null ? fromLengths(lengths, data.dim(1), false) : bool(mask);
    if (m.rank() != 2 || m.dim(1) != data.dim(1)) {
      throw new ShapeException(
          "sequence_mask_3d: expected a mask (batch, "
              + data.dim(1)
              + "). Received: shape "
              + m.shape());
    }
    return Ops.expandDims(invert ? Ops.logicalNot(m) : m, -1);
  }

  /**
   * Two masks as one; a null one is absent, and null comes out where both are.
   *
   * @param mode {@code and}, {@code or} or {@code xor}
   * @param invertB whether b is turned round first
   */
  public static Tensor combine(Tensor a, Tensor b, String mode, boolean invertB) {
    if (mode == null || !mode.matches("and|or|xor")) {
      throw new ConfigException(
          "combine_masks: mode must be one of [and, or, xor]. Received: mode=" + mode);
    }
    Tensor second = b == null ? null : invertB ? Ops.logicalNot(bool(b)) : bool(b);
    if (a == null || second == null) {
      return a == null ? second : bool(a);
    }
    Tensor first = bool(a);
    return switch (mode) {
      case "and" -> Ops.logicalAnd(first, second);
      case "or" -> Ops.logicalOr(first, second);
      default -> Ops.logicalXor(first, second);
    };
  }

  private static Tensor bool(Tensor mask) {
    return Ops.cast(mask, DType.BOOL);
  }
}
