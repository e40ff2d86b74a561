package io.weft.systems.core;

import io.weft.error.ShapeException;
import io.weft.fused.Attention;
import io.weft.layer.Layer;
import io.weft.ops.DotProductAttention;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Multi-head attention on projected tensors, as in "Attention Is All You Need" (Vaswani et al.
 * 2017), 3.2: what is left of every system once its projections are taken away.
 *
 * <p>Tensors with heads have the shape {@code (batch, tokens, heads, width)}, which is a plain
 * reshape of {@code (batch, tokens, heads · width)}.
 */
public final class Heads {
  private Heads() {}

  /** {@code (batch, tokens, heads · width)} as {@code (batch, tokens, heads, width)}. */
  public static Tensor split(Tensor x, int heads) {
    int width = x.dim(-1);
    if (heads <= 0 || width % heads != 0) {
      throw new ShapeException(
          "heads: expected a number that divides the width "
              + width
              + ". Received: "
              + heads
              + " heads. Choose another number of heads or another width.");
    }
    return Ops.reshape(x, x.dim(0), x.dim(1), heads, width / heads);
  }

  /** {@code (batch, tokens, heads, width)} as {@code (batch, tokens, heads · width)}. */
  public static Tensor merge(Tensor x) {
    return Ops.reshape(x, x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
  }

  /** {@code (batch, tokens, heads, width)} as {@code (batch · heads, tokens, 1, width)}. */
  public static Tensor toBatch(Tensor x) {
    Tensor y = Ops.transpose(x, 0, 2, 1, 3);
    return Ops.reshape(y, x.dim(0) * x.dim(2), x.dim(1), 1, x.dim(3));
  }

  /** The inverse of {@link #toBatch}. */
  public static Tensor fromBatch(Tensor x, int heads) {
    Tensor y = Ops.reshape(x, x.dim(0) / heads, heads, x.dim(1), x.dim(3));
    return Ops.transpose(y, 0, 2, 1, 3);
  }

  /**
   * The values weighted by the softmax of the scores, {@code (batch, T, heads, valueWidth)}; never
   * holds all scores of long sequences at once.
   *
   * @param query (batch, T, heads, width)
   * @param key (batch, S, heads or a divisor, width)
   * @param value (batch, S, heads or a divisor, valueWidth)
   * @param bias added to the scaled scores, broadcasting to (batch, heads, T, S), or null
   * @param mask true = may attend, broadcasting to (batch, heads, T, S), or null
   * @param scale factor of the scores; see {@link #scale}
   * @param causal whether position t sees the positions up to t only
   * @param rows what a query without any key gets
   */
  public static Tensor attend(
      Tensor query,
      Tensor key,
      Tensor value,
      Tensor bias,
      Tensor mask,
      double scale,
      boolean causal,
      FullyMaskedRows rows) {
    if (rows == FullyMaskedRows.UNIFORM) {
      return DotProductAttention.of(query, key, value, bias, mask, scale, causal);
    }
    return Attention.of(query, key, value, bias, mask, scale, causal, Double.NEGATIVE_INFINITY);
  }

  /**
   * The softmax of the scores, {@code (batch, heads, T, S)}, in the query's dtype: for systems that
   * show, drop or change it. Arguments as those of {@link #attend}.
   */
  public static Tensor weights(
      Tensor query,
      Tensor key,
      Tensor bias,
      Tensor mask,
      double scale,
      boolean causal,
      FullyMaskedRows rows) {
    Shape scores = Shape.of(query.dim(0), query.dim(2), query.dim(1), key.dim(1));
    for (Tensor m : java.util.Arrays.asList(bias, mask)) {
      if (m != null) {
        Attention.requireMask(m.shape(), scores);
      }
    }
    int groups = query.dim(2) / key.dim(2);
    Tensor keys = groups == 1 ? key : Ops.repeat(key, groups, 2);
    Tensor s = Ops.einsum("bthd,bshd->bhts", wide(query).times(scale), wide(keys));
    if (bias != null) {
      s = s.plus(Ops.cast(bias, s.dtype()));
    }
    Tensor keep = mask == null ? null : Ops.cast(mask, DType.BOOL);
    if (causal) {
      Tensor past =
          Ops.lessEqual(Ops.arange(key.dim(1)), Ops.expandDims(Ops.arange(query.dim(1)), 1));
      keep = keep == null ? past : Ops.logicalAnd(keep, past);
    }
    if (keep == null) {
      return Ops.cast(Ops.softmax(s, -1), query.dtype());
    }
    // a number that the softmax of any other score swallows, and that leaves equal scores equal
    Tensor p = Ops.softmax(Ops.where(keep, s, Tensor.scalar(-1e30, s.dtype())), -1);
    Tensor zero = Tensor.scalar(0, p.dtype());
    return Ops.cast(rows == FullyMaskedRows.ZERO ? Ops.where(keep, p, zero) : p, query.dtype());
  }

  /**
   * {@link #attend} with a layer, such as a dropout, applied to the weights on their way; they are
   * held for that.
   */
  public static Tensor attend(
      Tensor query,
      Tensor key,
      Tensor value,
      Tensor bias,
      Tensor mask,
      double scale,
      boolean causal,
      FullyMaskedRows rows,
      Layer between) {
    Tensor p = weights(query, key, bias, mask, scale, causal, rows);
    return mix(Ops.cast(between.apply(p), value.dtype()), value);
  }

  /** The values weighted by {@link #weights}, {@code (batch, T, heads, valueWidth)}. */
  public static Tensor mix(Tensor weights, Tensor value) {
    int groups = weights.dim(1) / value.dim(2);
    Tensor values = groups == 1 ? value : Ops.repeat(value, groups, 2);
    return Ops.einsum("bhts,bshd->bthd", weights, values);
  }

  private static Tensor wide(Tensor x) {
    return x.dtype().isHalf() ? Ops.cast(x, DType.FLOAT32) : x;
  }

  /** The scale of scaled attention, {@code 1/√width}. */
  public static double scale(Tensor withHeads) {
    return 1 / Math.sqrt(withHeads.dim(-1));
  }
}
