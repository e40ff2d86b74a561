package io.weft.systems.retro;

import io.weft.config.Config;
import java.util.List;

/** What encoder and decoder have in common. */
final class RetroParts {
  private RetroParts() {}

  /** RETRO-pytorch's attention: no biases but of the output, and a null key and value. */
  static Config attention(int dim, int headWidth, int heads, double dropout, int rotaryDim) {
    return Config.of(
        "heads",
        heads,
        "qk_channels",
        heads * headWidth,
        "output_channels",
        dim,
        "use_bias",
        false,
        "output_bias",
        true,
        "dropout",
        dropout,
        "null_key_value",
        true,
        "rotary_dim",
        rotaryDim,
        "names",
        List.of("to_q", "to_k", "to_v", "to_out"));
  }
}
