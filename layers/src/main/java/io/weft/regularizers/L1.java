package io.weft.regularizers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Regularizer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** {@code l1 · Σ|x|}. */
public final class L1 extends Configured implements Regularizer {
  public static final Entry<L1> TYPE =
      new Entry<>(Regularizer.class, "keras.regularizers", "L1", null, L1::new);

  private final double l1;

  /** Restores from a config with {@code l1}, 0.01 if missing. */
  public L1(Config config) {
    super(TYPE, config);
    l1 = Factors.readFloat(args, "l1", 0.01);
  }

  public L1(double l1) {
    this(Config.of("l1", l1));
  }

  @Override
  public Tensor apply(Tensor x) {
    return Ops.sum(Ops.abs(x)).times(l1);
  }
}
