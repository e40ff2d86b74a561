package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over moving windows.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * channels)}.
 */
public final class AveragePooling2D extends WindowPooling {
  public static final LayerType<AveragePooling2D> TYPE =
      LayerType.keras("AveragePooling2D", AveragePooling2D::new).builtAtOnce();

  /** Windows of one size for all axes or one per axis. They do not overlap. */
  public AveragePooling2D(int... poolSize) {
    this(windows(poolSize));
  }

  /** Restores a layer from its config. */
  public AveragePooling2D(Config config) {
    super(TYPE, config, false, 2);
  }

  public static Builder builder(int... poolSize) {
    return new Builder(poolSize);
  }

  /** Optional settings of {@link AveragePooling2D}. */
  public static final class Builder extends PoolingBuilder<AveragePooling2D, Builder> {
    private Builder(int... poolSize) {
      super(poolSize);
    }

    @Override
    public AveragePooling2D build() {
      return new AveragePooling2D(config());
    }
  }
}
