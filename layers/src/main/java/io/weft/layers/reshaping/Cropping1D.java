package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Takes elements away at both ends of each spatial axis; 1 each by default.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, channels)}.
 */
public final class Cropping1D extends Cropping {
  public static final LayerType<Cropping1D> TYPE = LayerType.keras("Cropping1D", Cropping1D::new);

  /** One number for both ends, or one for each. */
  public Cropping1D(int... cropping) {
    this(amounts("cropping", cropping));
  }

  /** Restores a layer from its config. */
  public Cropping1D(Config config) {
    super(TYPE, config, 1, 1);
  }
}
