package io.weft.systems.core;

import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.core.Activation;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import java.util.Arrays;

/** The inner layers that systems written after PyTorch modules are made of. */
public final class Modules {
  /** Epsilon of PyTorch's normalizations. */
  public static final double EPSILON = 1e-5;

  private Modules() {}

  /** A projection over the last axis, as {@code nn.Linear}. */
  public static Dense linear(int units, boolean bias, DTypePolicy policy) {
    return Layer.fromConfig(
        Dense.TYPE, Config.of("units", units, "use_bias", bias, "dtype", policy));
  }

  /** A normalization over the last axis, as {@code nn.LayerNorm}. */
  public static LayerNormalization layerNorm(double epsilon, DTypePolicy policy) {
    return Layer.fromConfig(
        LayerNormalization.TYPE, Config.of("epsilon", epsilon, "dtype", policy));
  }

  /** A function without weights, such as {@code gelu} (the exact one) or {@code relu}. */
  public static Activation activation(String name, DTypePolicy policy) {
    return Layer.fromConfig(Activation.TYPE, Config.of("activation", name, "dtype", policy));
  }

  /** Drops elements in training. */
  public static Dropout dropout(double rate, DTypePolicy policy) {
    return Layer.fromConfig(Dropout.TYPE, Config.of("rate", rate, "dtype", policy));
  }

  /** Drops whole samples of a residual branch in training (stochastic depth, Huang et al. 2016). */
  public static Dropout dropPath(double rate, int rank, DTypePolicy policy) {
    Object[] noise = new Object[rank];
    Arrays.fill(noise, 1);
    noise[0] = null;
    return Layer.fromConfig(
        Dropout.TYPE,
        Config.of("rate", rate, "noise_shape", Arrays.asList(noise), "dtype", policy));
  }
}
