package io.weft.metrics;

import io.weft.losses.Reduction;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** How much two tensors vary together along an axis. */
final class Correlations {
  private Correlations() {}

  static Tensor pearson(Tensor y, Tensor p, int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    int[] at = {axis};
    return Ops.mean(standard(a[0], at).times(standard(a[1], at)), at, false);
  }

  private static Tensor standard(Tensor x, int[] at) {
    Tensor centered = x.minus(Ops.mean(x, at, true));
    return centered.divide(Ops.sqrt(Ops.var(centered, at, true)));
  }

  /** With Keras' covariance, which takes the mean of the predictions off both. */
  static Tensor concordance(Tensor y, Tensor p, int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    int[] at = {axis};
    Tensor yMean = Ops.mean(a[0], at, true);
    Tensor pMean = Ops.mean(a[1], at, true);
    Tensor both = a[0].minus(pMean).times(a[1].minus(pMean)).times(2);
    Tensor spread =
        Ops.var(a[0].minus(yMean), at, true)
            .plus(Ops.var(a[1].minus(pMean), at, true))
            .plus(Ops.square(yMean.minus(pMean)));
    return Ops.mean(both.divide(spread.plus(1e-7)), at, false);
  }
}
