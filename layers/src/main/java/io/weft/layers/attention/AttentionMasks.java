package io.weft.layers.attention;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** The masks that attention layers make and join; each may be null, which means no mask. */
final class AttentionMasks {
  private AttentionMasks() {}

  /** Lower triangle, aligned at the start also for unequal lengths: (1, T, S). */
  static Tensor causal(int targets, int sources) {
    return Ops.greaterEqual(rows(targets), columns(sources));
  }

  /** A band around the diagonal, {@code |row − column| < width}: (1, T, S). */
  static Tensor window(int targets, int sources, int width) {
    return Ops.less(Ops.abs(Ops.subtract(rows(targets), columns(sources))), width);
  }

  private static Tensor rows(int n) {
    return Ops.reshape(Ops.arange(n), 1, n, 1);
  }

  private static Tensor columns(int n) {
    return Ops.reshape(Ops.arange(n), 1, 1, n);
  }

  /** A mask of queries as rows: (batch, T) → (batch, T, 1). */
  static Tensor ofQueries(Tensor mask) {
    return mask == null ? null : Ops.expandDims(bool(mask), -1);
  }

  /** A mask of keys or values as columns: (batch, S) → (batch, 1, S). */
  static Tensor ofKeys(Tensor mask) {
    return mask == null ? null : Ops.expandDims(bool(mask), -2);
  }

  /** Both at once. */
  static Tensor and(Tensor a, Tensor b) {
    if (a == null || b == null) {
      return a == null ? bool(b) : bool(a);
    }
    try {
      return Ops.logicalAnd(bool(a), bool(b));
    } catch (ShapeException e) {
      throw new ShapeException(
          "expected masks that fit each other. Received: " + a.shape() + " and " + b.shape(), e);
    }
  }

  /** Inserts axes for the heads until the mask has the rank of the scores. */
  static Tensor withHeads(Tensor mask, int scoresRank, int attentionAxes) {
    Tensor m = mask;
    while (m != null && m.rank() < scoresRank) {
      m = Ops.expandDims(m, Math.max(-2 * attentionAxes - 1, -m.rank() - 1));
    }
    return m;
  }

  /** True where both a query and a key are kept; a null side is all true. */
  static Tensor outer(Tensor queries, Tensor keys, int targets, int sources) {
    if (queries == null && keys == null) {
      return null;
    }
    require("queries", queries, targets);
    require("keys", keys, sources);
    int batch = (queries == null ? keys : queries).dim(0);
    Tensor all = Ops.ones(Shape.of(batch, targets, sources), DType.BOOL);
    return and(all, and(ofQueries(queries), ofKeys(keys)));
  }

  private static void require(String what, Tensor mask, int tokens) {
    if (mask != null && (mask.rank() != 2 || mask.dim(1) != tokens)) {
      throw new ShapeException(
          "expected a mask of " + what + " (batch, " + tokens + "). Received: " + mask.shape());
    }
  }

  private static Tensor bool(Tensor mask) {
    return mask == null ? null : Ops.cast(mask, DType.BOOL);
  }
}
