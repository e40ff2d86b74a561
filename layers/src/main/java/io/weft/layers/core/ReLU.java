package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.NnFunctions;
import io.weft.tensor.Tensor;

/**
 * The rectified linear unit: x above {@code threshold}, {@code negative_slope · (x − threshold)}
 * below it, at most {@code max_value}.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class ReLU extends UnaryLayer {
  public static final LayerType<ReLU> TYPE = LayerType.keras("ReLU", ReLU::new).builtAtOnce();

  private final Double maxValue;
  private final double negativeSlope;
  private final double threshold;

  /** max(x, 0). */
  public ReLU() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public ReLU(Config config) {
    super(TYPE, config);
    maxValue = args.numberOrNull("max_value", null);
    if (maxValue != null && !(maxValue >= 0)) {
      throw args.refuse("max_value", "null or a number that is not negative");
    }
    negativeSlope = args.nonNegative("negative_slope", 0.0);
    threshold = args.nonNegative("threshold", 0.0);
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return NnFunctions.relu(x, negativeSlope, maxValue, threshold);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Optional settings of {@link ReLU}. */
  public static final class Builder extends Layer.Builder<ReLU, Builder> {
    private Builder() {}

    /** The largest value; default none. */
    public Builder maxValue(double maxValue) {
      return set("max_value", maxValue);
    }

    /** The slope below the threshold; default 0. */
    public Builder negativeSlope(double slope) {
      return set("negative_slope", slope);
    }

    /** Where the unit switches; default 0. */
    public Builder threshold(double threshold) {
      return set("threshold", threshold);
    }

    @Override
    public ReLU build() {
      return new ReLU(config());
    }
  }
}
