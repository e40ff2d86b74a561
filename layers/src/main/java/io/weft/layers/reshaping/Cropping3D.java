package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Takes elements away at both ends of each spatial axis; 1 each by default.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, channels)}.
 */
public final class Cropping3D extends Cropping {
  public static final LayerType<Cropping3D> TYPE = LayerType.keras("Cropping3D", Cropping3D::new);

  /** One number for all edges, or one per axis. */
  public Cropping3D(int... cropping) {
    this(amounts("cropping", cropping));
  }

  /** Restores a layer from its config. */
  public Cropping3D(Config config) {
    super(TYPE, config, 3, 1);
  }
}
