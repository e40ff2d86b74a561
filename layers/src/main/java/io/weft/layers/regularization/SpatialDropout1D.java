package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * In training drops whole channels with probability {@code rate}.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: the same shape. Masks pass.
 */
public final class SpatialDropout1D extends SpatialDropout {
  public static final LayerType<SpatialDropout1D> TYPE =
      LayerType.keras("SpatialDropout1D", SpatialDropout1D::new).args("training").builtAtOnce();

  /** Drops a share of the channels, in [0, 1]. */
  public SpatialDropout1D(double rate) {
    this(Config.of("rate", rate));
  }

  /** Restores a layer from its config. */
  public SpatialDropout1D(Config config) {
    super(TYPE, config, 1);
  }
}
