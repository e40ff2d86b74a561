package io.weft.constraints;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Constraint;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Elements below 0 become 0. */
public final class NonNeg extends Configured implements Constraint {
  public static final Entry<NonNeg> TYPE =
      new Entry<>(Constraint.class, "keras.constraints", "NonNeg", null, NonNeg::new);

  /** Restores from an empty config. */
  public NonNeg(Config config) {
    super(TYPE, config);
  }

  public NonNeg() {
    this(Config.EMPTY);
  }

  @Override
  public Tensor apply(Tensor w) {
    return Ops.maximum(w, 0);
  }
}
