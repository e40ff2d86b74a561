package io.weft.systems.diffusers;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * A mask ready for the scores: what is added to them, or where they count, or neither.
 *
 * @param bias added to the scores, broadcasting to (batch, heads, T, S); null for none
 * @param keep true = may attend, broadcasting to (batch, heads, T, S); null for none
 */
public record AttentionMask(Tensor bias, Tensor keep) {
  /** No mask. */
  public static final AttentionMask NONE = new AttentionMask(null, null);

  /**
   * Brings a mask into form: {@code (batch, S)}, {@code (batch, 1 or T, S)}, {@code (batch · heads,
   * 1 or T, S)} or rank 4. Boolean: true = may attend; floating: added to the scores; other
   * integers: 1 = may attend. A mask that is shorter than the keys is filled up with "may attend"
   * (the original adds so many again as there are keys, which never fits).
   */
  static AttentionMask of(String who, Tensor mask, int batch, int heads, int keys) {
    if (mask == null) {
      return NONE;
    }
    Tensor m = mask.dtype().isFloating() ? mask : Ops.cast(mask, DType.BOOL);
    if (m.rank() == 2) {
      m = Ops.reshape(m, m.dim(0), 1, 1, m.dim(1));
    } else if (m.rank() == 3) {
      m =
          m.dim(0) == batch * heads && heads > 1
              ? Ops.reshape(m, batch, heads, m.dim(1), m.dim(2))
              : Ops.expandDims(m, 1);
    } else if (m.rank() != 4) {
      throw refuse(who, mask, keys);
    }
    if (m.dim(3) > keys) {
      throw refuse(who, mask, keys);
    }
    if (m.dim(3) < keys) {
      Shape rest = m.shape().withDim(3, keys - m.dim(3));
      Tensor fill = m.dtype().isBool() ? Ops.ones(rest, DType.BOOL) : Ops.zeros(rest, m.dtype());
      m = Ops.concatenate(java.util.List.of(m, fill), 3);
    }
    return m.dtype().isBool() ? new AttentionMask(null, m) : new AttentionMask(m, null);
  }

  private static ShapeException refuse(String who, Tensor mask, int keys) {
    return new ShapeException(
        who
            + ": expected an attention_mask (batch, keys), (batch, queries or 1, keys) or (batch,"
            + " heads, queries or 1, keys) for at most "
            + keys
            + " keys. Received: shape "
            + mask.shape());
  }

  /** For scores whose heads were moved to the batch: (batch · heads, 1, T, S). */
  AttentionMask perHead(int batch, int heads, int queries, int keys) {
    Shape s = Shape.of(batch, heads, queries, keys);
    return new AttentionMask(perHead(bias, s), perHead(keep, s));
  }

  private static Tensor perHead(Tensor m, Shape s) {
    return m == null
        ? null
        : Ops.reshape(Ops.broadcastTo(m, s), s.dim(0) * s.dim(1), 1, s.dim(2), s.dim(3));
  }

  /** Some of the rows of the first axis. */
  AttentionMask rows(int at, int n) {
    return new AttentionMask(rows(bias, at, n), rows(keep, at, n));
  }

  private static Tensor rows(Tensor m, int at, int n) {
    return m == null ? null : Ops.slice(m, new int[] {at, 0, 0, 0}, m.shape().withDim(0, n).dims());
  }
}
