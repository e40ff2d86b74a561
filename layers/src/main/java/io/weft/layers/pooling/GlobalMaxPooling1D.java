package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The maximum of each channel over all of its values.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, channels)}, or with {@code
 * keepdims} sizes of 1 for the spatial axes.
 */
public final class GlobalMaxPooling1D extends GlobalPooling {
  public static final LayerType<GlobalMaxPooling1D> TYPE =
      LayerType.keras("GlobalMaxPooling1D", GlobalMaxPooling1D::new).builtAtOnce();

  public GlobalMaxPooling1D() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public GlobalMaxPooling1D(Config config) {
    super(TYPE, config, true, 1);
  }
}
