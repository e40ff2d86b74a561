package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over all of its values.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, channels)}, or with
 * {@code keepdims} sizes of 1 for the spatial axes.
 */
public final class GlobalAveragePooling2D extends GlobalPooling {
  public static final LayerType<GlobalAveragePooling2D> TYPE =
      LayerType.keras("GlobalAveragePooling2D", GlobalAveragePooling2D::new).builtAtOnce();

  public GlobalAveragePooling2D() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public GlobalAveragePooling2D(Config config) {
    super(TYPE, config, false, 2);
  }
}
