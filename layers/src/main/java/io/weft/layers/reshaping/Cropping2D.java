package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * Takes elements away at both ends of each spatial axis; 0 each by default.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * channels)}.
 */
public final class Cropping2D extends Cropping {
  public static final LayerType<Cropping2D> TYPE = LayerType.keras("Cropping2D", Cropping2D::new);

  /** One number for all edges, or one per axis. */
  public Cropping2D(int... cropping) {
    this(amounts("cropping", cropping));
  }

  /** Restores a layer from its config. */
  public Cropping2D(Config config) {
    super(TYPE, config, 2, 0);
  }
}
