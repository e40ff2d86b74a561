package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The maximum of each channel over all of its values.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, channels)}, or with
 * {@code keepdims} sizes of 1 for the spatial axes.
 */
public final class GlobalMaxPooling3D extends GlobalPooling {
  public static final LayerType<GlobalMaxPooling3D> TYPE =
      LayerType.keras("GlobalMaxPooling3D", GlobalMaxPooling3D::new).builtAtOnce();

  public GlobalMaxPooling3D() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public GlobalMaxPooling3D(Config config) {
    super(TYPE, config, true, 3);
  }
}
