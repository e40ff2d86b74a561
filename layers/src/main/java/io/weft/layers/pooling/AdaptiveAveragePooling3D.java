package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over windows that split each axis into {@code output_size} parts:
 * part i of m covers ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, output_size…,
 * channels)}.
 */
public final class AdaptiveAveragePooling3D extends AdaptivePooling {
  public static final LayerType<AdaptiveAveragePooling3D> TYPE =
      LayerType.keras("AdaptiveAveragePooling3D", AdaptiveAveragePooling3D::new);

  /** One number of parts for all axes or one per axis. */
  public AdaptiveAveragePooling3D(int... outputSize) {
    this(Config.of("output_size", outputSize.length == 1 ? (Object) outputSize[0] : outputSize));
  }

  /** Restores a layer from its config. */
  public AdaptiveAveragePooling3D(Config config) {
    super(TYPE, config, false, 3);
  }
}
