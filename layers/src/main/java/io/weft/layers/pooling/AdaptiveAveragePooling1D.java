package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over windows that split each axis into {@code output_size} parts:
 * part i of m covers ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, output_size…, channels)}.
 */
public final class AdaptiveAveragePooling1D extends AdaptivePooling {
  public static final LayerType<AdaptiveAveragePooling1D> TYPE =
      LayerType.keras("AdaptiveAveragePooling1D", AdaptiveAveragePooling1D::new);

  /** One number of parts for all axes or one per axis. */
  public AdaptiveAveragePooling1D(int... outputSize) {
    this(Config.of("output_size", outputSize.length == 1 ? (Object) outputSize[0] : outputSize));
  }

  /** Restores a layer from its config. */
  public AdaptiveAveragePooling1D(Config config) {
    super(TYPE, config, false, 1);
  }
}
