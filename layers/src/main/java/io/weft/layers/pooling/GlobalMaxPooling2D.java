package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The maximum of each channel over all of its values.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, channels)}, or with
 * {@code keepdims} sizes of 1 for the spatial axes.
 */
public final class GlobalMaxPooling2D extends GlobalPooling {
  public static final LayerType<GlobalMaxPooling2D> TYPE =
      LayerType.keras("GlobalMaxPooling2D", GlobalMaxPooling2D::new).builtAtOnce();

  public GlobalMaxPooling2D() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public GlobalMaxPooling2D(Config config) {
    super(TYPE, config, true, 2);
  }
}
