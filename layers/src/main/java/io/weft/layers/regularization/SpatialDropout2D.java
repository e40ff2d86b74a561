package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * In training drops whole channels with probability {@code rate}.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}, or with the channels behind the batch where
 * {@code data_format} is {@code channels_first}. Output: the same shape. Masks pass.
 */
public final class SpatialDropout2D extends SpatialDropout {
  public static final LayerType<SpatialDropout2D> TYPE =
      LayerType.keras("SpatialDropout2D", SpatialDropout2D::new).args("training").builtAtOnce();

  /** Drops a share of the channels, in [0, 1]. */
  public SpatialDropout2D(double rate) {
    this(Config.of("rate", rate));
  }

  /** Restores a layer from its config. */
  public SpatialDropout2D(Config config) {
    super(TYPE, config, 2);
  }
}
