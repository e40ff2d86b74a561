package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The maximum of each channel over moving windows.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * channels)}.
 */
public final class MaxPooling2D extends WindowPooling {
  public static final LayerType<MaxPooling2D> TYPE =
      LayerType.keras("MaxPooling2D", MaxPooling2D::new).builtAtOnce();

  /** Windows of one size for all axes or one per axis; none given: 2. They do not overlap. */
  public MaxPooling2D(int... poolSize) {
    this(windows(poolSize));
  }

  /** Restores a layer from its config. */
  public MaxPooling2D(Config config) {
    super(TYPE, config, true, 2);
  }

  public static Builder builder(int... poolSize) {
    return new Builder(poolSize);
  }

  /** Optional settings of {@link MaxPooling2D}. */
  public static final class Builder extends PoolingBuilder<MaxPooling2D, Builder> {
    private Builder(int... poolSize) {
      super(poolSize);
    }

    @Override
    public MaxPooling2D build() {
      return new MaxPooling2D(config());
    }
  }
}
