package io.weft.layers.attention;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import io.weft.layer.ImpliedSize;
import io.weft.layer.Initializer;
import io.weft.layer.Layer;
import io.weft.layers.core.Dense;

/**
 * The parts of fusionlab's attention layers. Beside the original's arguments they take {@code
 * dropout}, {@code use_bias}, {@code key_dim} and {@code kernel_initializer} of the attention
 * inside; configs hold these only where they were given, so that they read like the original's.
 */
final class FusionLayers {
  private FusionLayers() {}

  /**
   * fusionlab does not write {@code num_heads}, so that its own library cannot read its files; the
   * query's kernel (width, heads, head width) of an attention tells it.
   */
  static ImpliedSize heads(String attention) {
    return new ImpliedSize("num_heads", attention + "/query_dense", "query/kernel", 1);
  }

  /** A linear projection. */
  static Dense dense(int units, DTypePolicy policy) {
    return Layer.fromConfig(Dense.TYPE, Config.of("units", units, "dtype", policy));
  }

  /** The attention of a layer with these arguments; each head is as wide as the projections. */
  static MultiHeadAttention attention(Args args, int numHeads, int units, DTypePolicy policy) {
    Config c =
        Config.of(
            "num_heads",
            numHeads,
            "key_dim",
            args.positiveInt("key_dim", units),
            "dropout",
            args.fraction("dropout", 0.0),
            "use_bias",
            args.bool("use_bias", true),
            "kernel_initializer",
            args.object("kernel_initializer", Initializer.class, "glorot_uniform").copy(),
            "dtype",
            policy);
    for (String key : new String[] {"key_dim", "dropout", "use_bias", "kernel_initializer"}) {
      if (!args.has(key)) {
        args.forget(key);
      }
    }
    return Layer.fromConfig(MultiHeadAttention.TYPE, c);
  }

  /** Optional settings of the attention inside. */
  abstract static class Options<L extends Layer, B extends Options<L, B>>
      extends Layer.Builder<L, B> {
    Options() {}

    /** Share of attention weights dropped in training, in [0, 1); default 0. */
    public final B dropout(double rate) {
      return set("dropout", rate);
    }

    /** Whether the projections of the attention have biases; default true. */
    public final B useBias(boolean on) {
      return set("use_bias", on);
    }

    /** The width of each head; default {@code units}. */
    public final B keyDim(int width) {
      return set("key_dim", width);
    }

    /** How the kernels of the attention start, by name or object; default glorot_uniform. */
    public final B kernelInitializer(Object initializer) {
      return set("kernel_initializer", initializer);
    }
  }
}
