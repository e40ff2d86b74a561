package io.weft.systems.diffusers;

import io.weft.error.ConfigException;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * How a {@link DiffusersAttention} weights its values. All give the same numbers; they differ in
 * speed and memory.
 */
@FunctionalInterface
public interface AttentionProcessor {
  /**
   * The weighted values.
   *
   * @param query (batch, T, heads, width)
   * @param key (batch, S, heads, width)
   * @param value (batch, S, heads, width)
   * @param mask what is added to the scores or hides them
   * @param scale the factor of the scores
   * @param causal whether position t sees the positions up to t only
   * @return (batch, T, heads, width)
   */
  Tensor attend(
      Tensor query, Tensor key, Tensor value, AttentionMask mask, double scale, boolean causal);

  /** One fused operation that never holds all scores; {@code AttnProcessor2_0}. */
  AttentionProcessor SCALED_DOT_PRODUCT =
      (q, k, v, mask, scale, causal) ->
          Heads.attend(q, k, v, mask.bias(), mask.keep(), scale, causal, FullyMaskedRows.UNIFORM);

  /**
   * Several batches of heads one after the other, so that only {@code size} score matrices exist at
   * a time; {@code SlicedAttnProcessor}. The pieces are cut from the pairs (sample, head), sample
   * by sample.
   *
   * @param size how many of these pairs are computed together
   */
  static AttentionProcessor sliced(int size) {
    if (size <= 0) {
      throw new ConfigException("attention slice: expected a positive number. Received: " + size);
    }
    return (q, k, v, mask, scale, causal) -> {
      int batch = q.dim(0);
      int heads = q.dim(2);
      Tensor q1 = Heads.toBatch(q);
      Tensor k1 = Heads.toBatch(same(k, heads));
      Tensor v1 = Heads.toBatch(same(v, heads));
      AttentionMask m = mask.perHead(batch, heads, q.dim(1), k.dim(1));
      int pairs = batch * heads;
      List<Tensor> out = new ArrayList<>();
      for (int at = 0; at < pairs; at += size) {
        int n = Math.min(size, pairs - at);
        out.add(
            SCALED_DOT_PRODUCT.attend(
                rows(q1, at, n), rows(k1, at, n), rows(v1, at, n), m.rows(at, n), scale, causal));
      }
      Tensor all = out.size() == 1 ? out.get(0) : Ops.concatenate(out, 0);
      return Heads.fromBatch(all, heads);
    };
  }

  private static Tensor same(Tensor x, int heads) {
    return x.dim(2) == heads ? x : Ops.repeat(x, heads / x.dim(2), 2);
  }

  private static Tensor rows(Tensor x, int at, int n) {
    int[] starts = new int[x.rank()];
    starts[0] = at;
    return Ops.slice(x, starts, x.shape().withDim(0, n).dims());
  }

  /**
   * A processor by its name in configs: {@code default} or {@code scaled_dot_product}, or {@code
   * sliced:n}.
   */
  static AttentionProcessor named(String name) {
    if (name == null || name.equals("default") || name.equals("scaled_dot_product")) {
      return SCALED_DOT_PRODUCT;
    }
    if (name.matches("sliced:[0-9]{1,6}")) {
      return sliced(Integer.parseInt(name.substring(7)));
    }
    throw new ConfigException(
        "processor: expected default, scaled_dot_product or sliced:n. Received: '" + name + "'");
  }
}
