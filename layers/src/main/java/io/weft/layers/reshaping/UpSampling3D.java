package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Repeats the elements of each spatial axis; twice by default.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, channels)}.
 */
public final class UpSampling3D extends UpSampling {
  public static final LayerType<UpSampling3D> TYPE =
      LayerType.keras("UpSampling3D", UpSampling3D::new);

  /** One factor for all axes, or one per axis; none: 2. */
  public UpSampling3D(int... size) {
    this(factors(size));
  }

  /** Restores a layer from its config. */
  public UpSampling3D(Config config) {
    super(TYPE, config, 3);
  }
}
