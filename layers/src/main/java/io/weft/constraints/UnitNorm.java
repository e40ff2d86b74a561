package io.weft.constraints;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.layer.Constraint;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Norms of 1. */
public final class UnitNorm extends NormConstraint {
  public static final Entry<UnitNorm> TYPE =
      new Entry<>(Constraint.class, "keras.constraints", "UnitNorm", null, UnitNorm::new);

  /** Restores from a config with {@code axis} (0). */
  public UnitNorm(Config config) {
    super(TYPE, config);
    readAxis();
  }

  public UnitNorm() {
    this(Config.EMPTY);
  }

  @Override
  Tensor desired(Tensor norm) {
    return Ops.onesLike(norm);
  }
}
