package io.weft.regularizers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Regularizer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** {@code l1 · Σ|x| + l2 · Σx²}; both factors are 0 unless given. */
public final class L1L2 extends Configured implements Regularizer {
  public static final Entry<L1L2> TYPE =
      new Entry<>(Regularizer.class, "keras.regularizers", "L1L2", null, L1L2::new, "l1_l2");

  private final double l1;
  private final double l2;

  /** Restores from a config with {@code l1} and {@code l2}. */
  public L1L2(Config config) {
    super(TYPE, config);
    l1 = Factors.read(args, "l1", 0.0, 0.0);
    l2 = Factors.read(args, "l2", 0.0, 0.0);
  }

  public L1L2(double l1, double l2) {
    this(Config.of("l1", l1, "l2", l2));
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor loss = Tensor.scalar(0, x.dtype().isFloating() ? x.dtype() : DType.FLOAT32);
    if (l1 > 0) {
      loss = loss.plus(Ops.sum(Ops.abs(x)).times(l1));
    }
    return l2 > 0 ? loss.plus(Ops.sum(Ops.square(x)).times(l2)) : loss;
  }
}
