package io.weft.regularizers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Regularizer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** {@code l2 · Σx²}. */
public final class L2 extends Configured implements Regularizer {
  public static final Entry<L2> TYPE =
      new Entry<>(Regularizer.class, "keras.regularizers", "L2", null, L2::new);

  private final double l2;

  /** Restores from a config with {@code l2}, 0.01 if missing. */
  public L2(Config config) {
    super(TYPE, config);
    l2 = Factors.read(args, "l2", 0.01, 0.01);
  }

  public L2(double l2) {
    this(Config.of("l2", l2));
  }

  @Override
  public Tensor apply(Tensor x) {
    return Ops.sum(Ops.square(x)).times(l2);
  }
}
