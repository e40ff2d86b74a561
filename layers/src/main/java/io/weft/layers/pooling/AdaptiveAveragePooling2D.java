package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over windows that split each axis into {@code output_size} parts:
 * part i of m covers ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, output_size…, channels)}.
 */
public final class AdaptiveAveragePooling2D extends AdaptivePooling {
  public static final LayerType<AdaptiveAveragePooling2D> TYPE =
      LayerType.keras("AdaptiveAveragePooling2D", AdaptiveAveragePooling2D::new);

  /** One number of parts for all axes or one per axis. */
  public AdaptiveAveragePooling2D(int... outputSize) {
    this(Config.of("output_size", outputSize.length == 1 ? (Object) outputSize[0] : outputSize));
  }

  /** Restores a layer from its config. */
  public AdaptiveAveragePooling2D(Config config) {
    super(TYPE, config, false, 2);
  }
}
