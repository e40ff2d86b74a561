package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Repeats the elements of each spatial axis; twice by default.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, channels)}.
 */
public final class UpSampling1D extends UpSampling {
  public static final LayerType<UpSampling1D> TYPE =
      LayerType.keras("UpSampling1D", UpSampling1D::new);

  /** How often each step is repeated. */
  public UpSampling1D(int size) {
    this(Config.of("size", size));
  }

  /** Restores a layer from its config. */
  public UpSampling1D(Config config) {
    super(TYPE, config, 1);
  }
}
