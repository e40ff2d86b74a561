package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Adds zeros at both ends of each spatial axis; one each by default.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, channels)}.
 */
public final class ZeroPadding1D extends ZeroPadding {
  public static final LayerType<ZeroPadding1D> TYPE =
      LayerType.keras("ZeroPadding1D", ZeroPadding1D::new);

  /** One number for both ends, or one for each. */
  public ZeroPadding1D(int... padding) {
    this(amounts("padding", padding));
  }

  /** Restores a layer from its config. */
  public ZeroPadding1D(Config config) {
    super(TYPE, config, 1);
  }
}
