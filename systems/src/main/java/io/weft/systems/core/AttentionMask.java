package io.weft.systems.core;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** Masks of attention, true = may attend, brought to the axes (batch, heads, T, S). */
public final class AttentionMask {
  private AttentionMask() {}

  /**
   * A mask or bias with all four axes.
   *
   * @param who what messages call the attention
   * @param mask (batch, S) over keys, (batch, T, S), (batch, heads, T, S) with sizes of 1 where all
   *     are alike, or null
   */
  public static Tensor wide(String who, Tensor mask, int batch, int heads, int queries, int keys) {
    if (mask == null) {
      return null;
    }
    Shape scores = Shape.of(batch, heads, queries, keys);
    Tensor m = mask;
    if (m.rank() == 2) {
      m = Ops.reshape(m, m.dim(0), 1, 1, m.dim(1));
    } else if (m.rank() == 3) {
      m = Ops.expandDims(m, 1);
    }
    boolean fits = m.rank() == 4;
    for (int i = 0; fits && i < 4; i++) {
      fits = m.dim(i) == 1 || m.dim(i) == scores.dim(i);
    }
    if (!fits) {
      throw new ShapeException(
          who
              + ": expected a mask (batch, S), (batch, T, S) or (batch, heads, T, S) that"
              + " broadcasts to the scores "
              + scores
              + ". Received: "
              + mask.shape());
    }
    return m;
  }

  /** As booleans; null stays null. */
  public static Tensor bool(Tensor mask) {
    return mask == null ? null : Ops.cast(mask, DType.BOOL);
  }

  /** True where both are; null is all true. */
  public static Tensor and(Tensor a, Tensor b) {
    return a == null ? b : b == null ? a : Ops.logicalAnd(a, b);
  }

  /**
   * (1, 1, T, S), true up to the query's own position, the last query being the last key: the form
   * for a cache, in which keys go before the first query.
   */
  public static Tensor causal(int queries, int keys) {
    Tensor row = Ops.reshape(Ops.arange(queries), 1, 1, queries, 1);
    Tensor column = Ops.reshape(Ops.arange(keys), 1, 1, 1, keys);
    return Ops.lessEqual(column, Ops.add(row, keys - queries));
  }
}
