package io.weft.systems.core;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.layer.Activation;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.normalization.RMSNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.ops.NnFunctions;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** The small layers that blocks are made of, in the dtypes of the block. */
public final class Parts {
  /** Epsilon of PyTorch's normalizations. */
  public static final double EPSILON = 1e-5;

  private Parts() {}

  /** A linear map. */
  public static Dense dense(int units, boolean bias, DTypePolicy policy) {
    return Layer.fromConfig(
        Dense.TYPE, Config.of("units", units, "use_bias", bias, "dtype", policy));
  }

  /** A layer normalization with or without an offset. */
  public static LayerNormalization norm(double epsilon, boolean center, DTypePolicy policy) {
    return Layer.fromConfig(
        LayerNormalization.TYPE, Config.of("epsilon", epsilon, "center", center, "dtype", policy));
  }

  /** A normalization by the root mean square. */
  public static RMSNormalization rmsNorm(double epsilon, DTypePolicy policy) {
    return Layer.fromConfig(RMSNormalization.TYPE, Config.of("epsilon", epsilon, "dtype", policy));
  }

  /** Dropout of a rate above 0. */
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

  /**
   * An activation by the name that PyTorch or Hugging Face gives it, or by Keras' name: {@code
   * gelu} is exact, {@code gelu_new}, {@code gelu_tanh} and {@code gelu_pytorch_tanh} are its
   * approximation, {@code sq_relu} is {@code relu(x)²}.
   *
   * @throws io.weft.error.ConfigException for an unknown name
   */
  public static UnaryOperator<Tensor> activation(String name) {
    return switch (name) {
      case "gelu_new", "gelu_tanh", "gelu_pytorch_tanh", "gelu_fast" ->
          x -> NnFunctions.gelu(x, true);
      case "sq_relu", "relu2" -> x -> Ops.square(Ops.relu(x));
      case "quick_gelu" -> x -> x.times(Ops.sigmoid(x.times(1.702)));
      case "swish" -> NnFunctions::silu;
      default -> Registry.standard().named(Activation.class, name)::apply;
    };
  }
}
