package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over moving windows.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, channels)}.
 */
public final class AveragePooling1D extends WindowPooling {
  public static final LayerType<AveragePooling1D> TYPE =
      LayerType.keras("AveragePooling1D", AveragePooling1D::new).builtAtOnce();

  /** Windows of one size for all axes or one per axis. They do not overlap. */
  public AveragePooling1D(int... poolSize) {
    this(windows(poolSize));
  }

  /** Restores a layer from its config. */
  public AveragePooling1D(Config config) {
    super(TYPE, config, false, 1);
  }

  public static Builder builder(int... poolSize) {
    return new Builder(poolSize);
  }

  /** Optional settings of {@link AveragePooling1D}. */
  public static final class Builder extends PoolingBuilder<AveragePooling1D, Builder> {
    private Builder(int... poolSize) {
      super(poolSize);
    }

    @Override
    public AveragePooling1D build() {
      return new AveragePooling1D(config());
    }
  }
}
