package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.fused.Attention;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Attention as {@code keras.ops.dot_product_attention} (Vaswani et al., 2017): scores and softmax
 * in at least float32, masked scores replaced by one large negative number, so that a row without
 * any key attends to all of them evenly.
 */
public final class DotProductAttention {
  private DotProductAttention() {}

  /**
   * The values weighted by the softmax of the scores, (batch, T, heads, dim_v).
   *
   * @param query (batch, T, heads, dim)
   * @param key (batch, S, heads or a divisor, dim)
   * @param value (batch, S, heads or a divisor, dim_v)
   * @param bias added to the scaled scores (batch, heads, T, S), or null
   * @param mask true = may attend; broadcasts to the scores, or null
   * @param scale factor of the scores: a number, a tensor, or null for 1/√dim
   * @param causal whether position t sees the positions up to t only
   */
  public static Tensor of(
      Tensor query,
      Tensor key,
      Tensor value,
      Tensor bias,
      Tensor mask,
      Object scale,
      boolean causal) {
    if (query.rank() != 4 || key.rank() != 4 || value.rank() != 4) {
      throw new ShapeException(
          "dot_product_attention: expected query, key and value (batch, time, heads, dim)."
              + " Received: "
              + query.shape()
              + ", "
              + key.shape()
              + ", "
              + value.shape());
    }
    List<Tensor> qkv = Ops.promoted(List.of(query, key, value));
    Tensor q = qkv.get(0);
    double usual = 1 / Math.sqrt(key.dim(3));
    double factor = scale == null ? usual : 1;
    if (scale instanceof Tensor t) {
      q = q.times(Ops.cast(t, q.dtype()));
    } else if (scale != null) {
      factor = ((Number) scale).doubleValue();
    }
    Tensor added = bias == null ? null : wide(Ops.cast(bias, q.dtype()));
    if (mask == null) {
      return attend(q, qkv.get(1), qkv.get(2), added, null, factor, causal);
    }
    Tensor keep = wide(Ops.cast(mask, DType.BOOL));
    Attention.requireMask(
        keep.shape(), Shape.of(query.dim(0), query.dim(2), query.dim(1), key.dim(1)));
    if (causal) {
      Tensor row = Ops.expandDims(Ops.arange(query.dim(1)), 1);
      keep = Ops.logicalAnd(keep, wide(Ops.lessEqual(Ops.arange(key.dim(1)), row)));
    }
    Tensor y = attend(q, qkv.get(1), qkv.get(2), added, keep, factor, false);
    // the op gives zeros to a row without any key, Keras the average of the values
    Tensor value1 = Ops.mean(qkv.get(2), new int[] {1}, true);
    int groups = query.dim(2) / value1.dim(2);
    Tensor average = groups == 1 ? value1 : Ops.repeat(value1, groups, 2);
    Tensor some = Ops.transpose(Ops.any(keep, new int[] {3}, true), 0, 2, 1, 3);
    return Ops.where(some, y, average);
  }

  private static Tensor attend(
      Tensor q, Tensor k, Tensor v, Tensor bias, Tensor mask, double scale, boolean causal) {
    return Attention.of(q, k, v, bias, mask, scale, causal, Double.NEGATIVE_INFINITY);
  }

  /** With leading axes of size 1 up to rank 4. */
  private static Tensor wide(Tensor x) {
    Tensor y = x;
    while (y.rank() < 4) {
      y = Ops.expandDims(y, 0);
    }
    return y;
  }
}
