package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Adds zeros at both ends of each spatial axis; one each by default.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, channels)}.
 */
public final class ZeroPadding3D extends ZeroPadding {
  public static final LayerType<ZeroPadding3D> TYPE =
      LayerType.keras("ZeroPadding3D", ZeroPadding3D::new);

  /** One number for all edges, or one per axis. */
  public ZeroPadding3D(int... padding) {
    this(amounts("padding", padding));
  }

  /** Restores a layer from its config. */
  public ZeroPadding3D(Config config) {
    super(TYPE, config, 3);
  }
}
