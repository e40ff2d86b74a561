package io.weft.losses;

import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Weights, masks and reductions of losses and metrics. */
public final class Reduction {
  private Reduction() {}

  /**
   * Two tensors whose ranks differ by one are brought to one rank: where the longer one's last size
   * is 1, the shorter is expanded if it has rank 1, else the longer is squeezed.
   */
  public static Tensor[] sameRank(Tensor a, Tensor b) {
    if (a.rank() == b.rank() + 1 && a.dim(-1) == 1) {
      return b.rank() == 1
          ? new Tensor[] {a, Ops.expandDims(b, -1)}
          : new Tensor[] {Ops.squeeze(a, -1), b};
    }
    if (b.rank() == a.rank() + 1 && b.dim(-1) == 1) {
      return a.rank() == 1
          ? new Tensor[] {Ops.expandDims(a, -1), b}
          : new Tensor[] {a, Ops.squeeze(b, -1)};
    }
    return new Tensor[] {a, b};
  }

  /** x / y, and 0 where y is 0. */
  public static Tensor divideNoNan(Tensor x, Tensor y) {
    Tensor zero = Ops.equal(y, 0);
    return Ops.where(zero, 0.0, Ops.divide(x, Ops.where(zero, 1.0, y)));
  }

  /**
   * Weights with a mask worked in; for means the kept entries weigh total/valid. Null if both are
   * null.
   */
  public static Tensor maskedWeights(Tensor weight, Tensor mask, boolean mean, Tensor like) {
    if (mask == null) {
      return weight == null ? null : Ops.cast(weight, like.dtype());
    }
    Tensor m = Ops.cast(mask, like.dtype());
    if (mean) {
      Tensor total = Tensor.scalar(mask.shape().size(), like.dtype());
      m = m.times(divideNoNan(total, Ops.sum(m)));
    }
    if (weight == null) {
      return m;
    }
    Tensor[] p = sameRank(m, Ops.cast(weight, like.dtype()));
    return p[1].times(p[0]);
  }

  static Tensor reduce(Tensor values, Tensor sampleWeight, Tensor mask, String reduction) {
    boolean mean = reduction.equals("mean") || reduction.equals("sum_over_batch_size");
    Tensor w = maskedWeights(sampleWeight, mask, mean, values);
    Tensor v = values;
    if (w != null) {
      Tensor[] p = sameRank(v, w);
      v = p[0].times(p[1]);
      w = p[1];
    }
    if (reduction.equals("none") || v.rank() == 0 || (v.rank() == 1 && v.dim(0) == 0)) {
      return v;
    }
    Tensor sum = Ops.sum(v);
    if (reduction.equals("sum")) {
      return sum;
    }
    if (reduction.equals("mean_with_sample_weight") && w != null) {
      return divideNoNan(sum, Ops.sum(w));
    }
    long n = v.shape().size();
    return n == 0 ? Ops.zerosLike(sum) : sum.divide((double) n);
  }
}
