package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over all of its values.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, channels)}, or with
 * {@code keepdims} sizes of 1 for the spatial axes.
 */
public final class GlobalAveragePooling3D extends GlobalPooling {
  public static final LayerType<GlobalAveragePooling3D> TYPE =
      LayerType.keras("GlobalAveragePooling3D", GlobalAveragePooling3D::new).builtAtOnce();

  public GlobalAveragePooling3D() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public GlobalAveragePooling3D(Config config) {
    super(TYPE, config, false, 3);
  }
}
