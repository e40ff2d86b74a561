package io.weft.metrics;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.losses.Reduction;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** The weighted mean of values, or their sum: base of most metrics. */
public abstract class Mean extends Metric {
  private final Variable total;
  private final Variable count;

  /** Reads name and dtype; {@code mean} false keeps a sum only. */
  protected Mean(Entry<?> type, Config config, String defaultName, boolean mean) {
    super(type, config, defaultName);
    total = state("total", Shape.SCALAR);
    count = mean ? state("count", Shape.SCALAR) : null;
  }

  /** Takes values in, one weight (or null) for each sample or finer. */
  protected final void addValues(Tensor values, Tensor sampleWeight) {
    Tensor v = Ops.cast(values, dtype());
    Tensor w = sampleWeight;
    if (w != null) {
      w = Reduction.maskedWeights(w, values.mask(), false, v);
      Tensor[] p = Reduction.sameRank(v, w);
      v = p[0];
      w = p[1];
      if (v.rank() > w.rank()) {
        v = fold(v, w.rank());
      }
      w = Ops.broadcastTo(w, v.shape());
      v = v.times(w);
      if (sampleWeight.rank() > 1) {
        w = w.rank() > 1 ? fold(w, 1) : w;
      }
    }
    if (v.rank() > 1) {
      v = fold(v, 1);
    }
    add(total, Ops.sum(v));
    if (count != null) {
      add(count, w != null ? Ops.sum(w) : Tensor.scalar(v.rank() >= 1 ? v.dim(0) : 1, dtype()));
    }
  }

  private Tensor fold(Tensor x, int from) {
    int[] axes = new int[x.rank() - from];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = from + i;
    }
    return count == null ? Ops.sum(x, axes, false) : Ops.mean(x, axes, false);
  }

  @Override
  public Tensor result() {
    return count == null
        ? total.raw()
        : Ops.cast(Reduction.divideNoNan(total.raw(), count.raw()), dtype());
  }
}
