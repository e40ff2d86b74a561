package io.weft.layers.core;

import io.weft.config.Args;
import io.weft.error.UnsupportedFeatureException;

/** The refusal of quantized layers. */
final class Quantization {
  private Quantization() {}

  /** Reads {@code quantization_config}, which must be null. */
  static void refuse(Args args, String who) {
    if (args.any("quantization_config", null) != null) {
      throw new UnsupportedFeatureException(
          who + ": quantization_config: quantized layers are not supported. Load the float model.");
    }
  }
}
