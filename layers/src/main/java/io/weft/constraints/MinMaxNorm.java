package io.weft.constraints;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.layer.Constraint;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Norms between two bounds; each step goes the share {@code rate} of the way. */
public final class MinMaxNorm extends NormConstraint {
  public static final Entry<MinMaxNorm> TYPE =
      new Entry<>(Constraint.class, "keras.constraints", "MinMaxNorm", null, MinMaxNorm::new);

  private final double minValue;
  private final double maxValue;
  private final double rate;

  /**
   * Restores from a config with {@code min_value}, {@code max_value}, {@code rate}, {@code axis}.
   */
  public MinMaxNorm(Config config) {
    super(TYPE, config);
    minValue = args.number("min_value", 0.0);
    maxValue = args.number("max_value", 1.0);
    rate = args.number("rate", 1.0);
    readAxis();
  }

  @Override
  Tensor desired(Tensor norm) {
    return Ops.clip(norm, minValue, maxValue).times(rate).plus(norm.times(1 - rate));
  }
}
