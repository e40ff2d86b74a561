package io.weft.systems.retro;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import java.util.ArrayList;
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

  /** Whether queries, keys and values have biases, which RETRO-pytorch leaves out. */
  static boolean bias(Args args) {
    return args.bool("use_bias", false);
  }

  /** The arguments of all layers. */
  static Config block(Args args, DTypePolicy policy) {
    int headWidth = args.positiveInt("dim_head", 64);
    return Config.of(
        "heads",
        args.positiveInt("heads", 8),
        "dim_head",
        headWidth,
        "ff_mult",
        args.positiveInt("ff_mult", 4),
        "rotary",
        args.integer("rotary", Math.min(32, headWidth)),
        "dropout",
        args.fraction("dropout", 0.0),
        "use_bias",
        bias(args),
        "dtype",
        policy);
  }

  /** The numbers of layers that read, from 1. */
  static List<Integer> layers(Args args, String key, int count, List<Integer> usual) {
    int[] given = args.intListOrNull(key, usual);
    List<Integer> all = new ArrayList<>();
    for (int i : given == null ? new int[0] : given) {
      if (i < 1 || i > count) {
        throw args.refuse(key, "numbers of layers from 1 to " + count);
      }
      all.add(i);
    }
    return all;
  }
}
