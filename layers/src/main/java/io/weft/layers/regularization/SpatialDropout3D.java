package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * In training drops whole channels with probability {@code rate}.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}, or with the channels behind the batch
 * where {@code data_format} is {@code channels_first}. Output: the same shape. Masks pass.
 */
public final class SpatialDropout3D extends SpatialDropout {
  public static final LayerType<SpatialDropout3D> TYPE =
      LayerType.keras("SpatialDropout3D", SpatialDropout3D::new).args("training").builtAtOnce();

  /** Drops a share of the channels, in [0, 1]. */
  public SpatialDropout3D(double rate) {
    this(Config.of("rate", rate));
  }

  /** Restores a layer from its config. */
  public SpatialDropout3D(Config config) {
    super(TYPE, config, 3);
  }
}
