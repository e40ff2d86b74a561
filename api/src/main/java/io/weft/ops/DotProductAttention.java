package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
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
    int groups = query.dim(2) / Math.max(1, key.dim(2));
    Tensor q = heads(qkv.get(0), 1);
    Tensor k = heads(qkv.get(1), groups);
    Tensor v = heads(qkv.get(2), groups);
    Tensor logits = Ops.matmul(q, Ops.swapaxes(k, -1, -2));
    logits = logits.dtype().isHalf() ? Ops.cast(logits, DType.FLOAT32) : logits;
    double usual = 1 / Math.sqrt(key.dim(3));
    logits =
        scale instanceof Tensor s
            ? logits.times(Ops.cast(s, logits.dtype()))
            : logits.times(scale == null ? usual : ((Number) scale).doubleValue());
    if (bias != null) {
      logits = logits.plus(Ops.cast(Ops.cast(bias, q.dtype()), logits.dtype()));
    }
    Tensor keep = mask == null ? null : Ops.cast(mask, DType.BOOL);
    if (causal) {
      Tensor row = Ops.expandDims(Ops.arange(logits.dim(2)), 1);
      Tensor low = Ops.lessEqual(Ops.arange(logits.dim(3)), row);
      keep = keep == null ? low : Ops.logicalAnd(keep, low);
    }
    if (keep != null) {
      logits = Ops.where(keep, logits, -0.7 * 3.38953e38);
    }
    Tensor probabilities = Ops.cast(Ops.softmax(logits, -1), k.dtype());
    return Ops.transpose(Ops.matmul(probabilities, v), 0, 2, 1, 3);
  }

  /** (b, t, n, h) as (b, n·groups, t, h), each head repeated. */
  private static Tensor heads(Tensor x, int groups) {
    Tensor y = groups > 1 && x.dim(2) > 1 ? Ops.repeat(x, groups, 2) : x;
    return Ops.transpose(y, 0, 2, 1, 3);
  }
}
