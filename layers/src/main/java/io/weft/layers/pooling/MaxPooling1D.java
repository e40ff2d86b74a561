package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The maximum of each channel over moving windows.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, channels)}.
 */
public final class MaxPooling1D extends WindowPooling {
  public static final LayerType<MaxPooling1D> TYPE =
      LayerType.keras("MaxPooling1D", MaxPooling1D::new).builtAtOnce();

  /** Windows of one size for all axes or one per axis; none given: 2. They do not overlap. */
  public MaxPooling1D(int... poolSize) {
    this(windows(poolSize));
  }

  /** Restores a layer from its config. */
  public MaxPooling1D(Config config) {
    super(TYPE, config, true, 1);
  }

  public static Builder builder(int... poolSize) {
    return new Builder(poolSize);
  }

  /** Optional settings of {@link MaxPooling1D}. */
  public static final class Builder extends PoolingBuilder<MaxPooling1D, Builder> {
    private Builder(int... poolSize) {
      super(poolSize);
    }

    @Override
    public MaxPooling1D build() {
      return new MaxPooling1D(config());
    }
  }
}
