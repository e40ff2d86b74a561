package io.weft.constraints;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.layer.Constraint;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Norms of at most {@code max_value}. */
public final class MaxNorm extends NormConstraint {
  public static final Entry<MaxNorm> TYPE =
      new Entry<>(Constraint.class, "keras.constraints", "MaxNorm", null, MaxNorm::new);

  private final double maxValue;

  /** Restores from a config with {@code max_value} (2) and {@code axis} (0). */
  public MaxNorm(Config config) {
    super(TYPE, config);
    maxValue = args.number("max_value", 2);
    if (!args.has("max_value")) {
      args.note("max_value", 2);
    }
    readAxis();
  }

  public MaxNorm(double maxValue, int... axis) {
    this(Config.of("max_value", maxValue, "axis", axis.length == 1 ? (Object) axis[0] : axis));
  }

  @Override
  Tensor desired(Tensor norm) {
    return Ops.clip(norm, 0, maxValue);
  }
}
