package io.weft.fused;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.List;

/**
 * {@code softmax(scale · Q Kᵀ + mask) V} for each head. Inputs: query (batch, steps, heads, dim),
 * key (batch, sources, kvHeads, dim), value (batch, sources, kvHeads, valueDim), then, as the flags
 * say, a float bias and a boolean mask (true = may attend), each broadcasting to (batch, heads,
 * steps, sources). Outputs: (batch, steps, heads, valueDim), and the log-sum-exp of the scores
 * (batch, heads, steps) in float32 or float64. kvHeads divides heads; adjacent query heads share a
 * key head.
 *
 * @param causal step t sees sources 0 … t
 * @param masked what is added to a score that may not be seen: a large negative number (a row with
 *     nothing to see is then spread evenly) or −infinity (such a row gives 0)
 */
public record Attention(
    double scale, boolean causal, double masked, boolean hasBias, boolean hasMask) implements Op {
  @Override
  public String name() {
    return "attention";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    int n = 3 + (hasBias ? 1 : 0) + (hasMask ? 1 : 0);
    DType d = in.get(0).dtype();
    boolean ok = in.size() == n && d.isFloating();
    for (int i = 0; ok && i < n; i++) {
      ok =
          in.get(i).shape().rank() == 4
              && in.get(i).dtype() == (hasMask && i == n - 1 ? DType.BOOL : d);
    }
    Rules.require(ok, this, "query, key, value and masks of rank 4", in);
    Shape q = in.get(0).shape();
    Shape k = in.get(1).shape();
    Shape v = in.get(2).shape();
    Rules.require(
        q.dim(0) == k.dim(0)
            && q.dim(3) == k.dim(3)
            && k.slice(0, 3).equals(v.slice(0, 3))
            && k.dim(2) > 0
            && q.dim(2) % k.dim(2) == 0,
        this,
        "query (b, t, h, d), key (b, s, k, d), value (b, s, k, e) where k divides h",
        in);
    Shape scores = Shape.of(q.dim(0), q.dim(2), q.dim(1), k.dim(1));
    in.subList(3, n).forEach(m -> requireMask(m.shape(), scores));
    return List.of(
        new TensorSpec(Shape.of(q.dim(0), q.dim(1), q.dim(2), v.dim(3)), d),
        new TensorSpec(scores.slice(0, 3), d.isHalf() ? DType.FLOAT32 : d));
  }

  /**
   * Refuses a mask or bias that does not fit scores (batch, heads, steps, sources).
   *
   * @throws ShapeException naming both shapes
   */
  public static void requireMask(Shape mask, Shape scores) {
    if (!mask.broadcastsTo(scores)) {
      throw new ShapeException(
          "attention: expected a mask that broadcasts to the scores "
              + scores
              + ". Received: "
              + mask);
    }
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    DType d = in.get(0).dtype();
    Tensor q = wide(in.get(0));
    int groups = q.dim(2) / in.get(1).dim(2);
    Tensor k = Ops.repeat(wide(in.get(1)), groups, 2);
    Tensor v = Ops.repeat(wide(in.get(2)), groups, 2);
    Tensor scores = Ops.einsum("bthd,bshd->bhts", q, k).times(scale);
    if (hasBias) {
      scores = scores.plus(wide(in.get(3)));
    }
    Tensor hide = Tensor.scalar(masked, scores.dtype());
    Tensor zero = Tensor.scalar(0, scores.dtype());
    if (hasMask) {
      scores = scores.plus(Ops.where(in.get(in.size() - 1), zero, hide));
    }
    if (causal) {
      scores = Ops.where(past(q.dim(1), k.dim(1)), scores, scores.plus(hide));
    }
    int[] last = {-1};
    Tensor max = Ops.stopGradient(Ops.max(scores, last, true));
    Tensor none = Ops.equal(max, Double.NEGATIVE_INFINITY);
    Tensor e = Ops.exp(scores.minus(Ops.where(none, zero, max)));
    Tensor sum = Ops.sum(e, last, true);
    Tensor p = e.divide(Ops.where(none, Ops.onesLike(sum), sum));
    Tensor lse = Ops.where(none, max, Ops.log(Ops.where(none, Ops.onesLike(sum), sum)).plus(max));
    Tensor y = Ops.einsum("bhts,bshd->bthd", p, v);
    return List.of(Ops.cast(y, d), Ops.squeeze(lse, -1));
  }

  private static Tensor wide(Tensor x) {
    return x.dtype().isHalf() ? Ops.cast(x, DType.FLOAT32) : x;
  }

  /** True where source s is not after step t. */
  private static Tensor past(int steps, int sources) {
    HostArray keep = HostArray.zeros(DType.BOOL, Shape.of(steps, sources));
    for (int t = 0; t < steps; t++) {
      for (int s = 0; s <= t && s < sources; s++) {
        keep.set(t * sources + s, 1L);
      }
    }
    return Tensor.ofTrusted(keep);
  }

  /** A bias that wants a gradient, or a use of the log-sum-exp, goes by way of plain ops. */
  @Override
  public List<Tensor> vjp(Vjp v) {
    return (hasBias && v.needs(3)) || v.hasDout(1) ? null : FusedGradient.of(this, v, 2);
  }

  /** The first output; bias and mask may be null. */
  public static Tensor of(
      Tensor query,
      Tensor key,
      Tensor value,
      Tensor bias,
      Tensor mask,
      double scale,
      boolean causal,
      double masked) {
    Op op = new Attention(scale, causal, masked, bias != null, mask != null);
    java.util.ArrayList<Tensor> in = new java.util.ArrayList<>(List.of(query, key, value));
    if (bias != null) {
      in.add(bias);
    }
    if (mask != null) {
      in.add(mask);
    }
    return Ops.apply(op, in).get(0);
  }
}
