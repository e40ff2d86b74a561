package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Adds zeros at both ends of each spatial axis; one each by default.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * channels)}.
 */
public final class ZeroPadding2D extends ZeroPadding {
  public static final LayerType<ZeroPadding2D> TYPE =
      LayerType.keras("ZeroPadding2D", ZeroPadding2D::new);

  /** One number for all edges, or one per axis. */
  public ZeroPadding2D(int... padding) {
    this(amounts("padding", padding));
  }

  /** Restores a layer from its config. */
  public ZeroPadding2D(Config config) {
    super(TYPE, config, 2);
  }
}
