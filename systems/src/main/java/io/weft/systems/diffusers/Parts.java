package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.BuildContext;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Initializer;
import io.weft.layer.Layer;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.convolutional.Conv2DTranspose;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Embedding;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.normalization.RMSNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers inside a layer whose sizes all follow from its arguments, as in PyTorch: they can be
 * built, and their weights listed, before any input is known.
 */
final class Parts {
  private record Part(Layer layer, Shape input) {}

  private final DTypePolicy policy;
  private final List<Part> parts = new ArrayList<>();

  Parts(DTypePolicy policy) {
    this.policy = policy;
  }

  /** Takes an inner layer in, with the shape of its (first) input. */
  <L extends Layer> L add(L layer, int... input) {
    parts.add(new Part(layer, Shape.of(input)));
    return layer;
  }

  /** Builds all layers taken in. */
  void build(BuildContext b) {
    parts.forEach(p -> b.build(p.layer, p.input));
  }

  Dense linear(int in, int out, boolean bias) {
    Config c = Config.of("units", out, "use_bias", bias, "dtype", policy);
    return add(Layer.fromConfig(Dense.TYPE, c), Shape.UNKNOWN, Shape.UNKNOWN, in);
  }

  /** A projection of rows {@code (batch, in)}. */
  Dense linearOfRows(int in, int out) {
    return linearOfRows(in, out, true);
  }

  Dense linearOfRows(int in, int out, boolean bias) {
    Config c = Config.of("units", out, "use_bias", bias, "dtype", policy);
    return add(Layer.fromConfig(Dense.TYPE, c), Shape.UNKNOWN, in);
  }

  /** A projection without bias whose kernel starts in a given way. */
  Dense linear(int in, int out, Initializer start) {
    Config c =
        Config.of("units", out, "use_bias", false, "kernel_initializer", start, "dtype", policy);
    return add(Layer.fromConfig(Dense.TYPE, c), Shape.UNKNOWN, Shape.UNKNOWN, in);
  }

  /** A convolution on channels-last images that keeps their size (stride 1, odd kernel). */
  Conv2D conv(int in, int out, int kernel) {
    return conv(in, out, kernel, 1, "same", true);
  }

  Conv2D conv(int in, int out, int kernel, int stride, String padding, boolean bias) {
    Config c =
        Config.of("filters", out, "kernel_size", kernel, "strides", stride, "padding", padding)
            .with("use_bias", bias)
            .with("dtype", policy);
    return add(Layer.fromConfig(Conv2D.TYPE, c), Shape.UNKNOWN, Shape.UNKNOWN, Shape.UNKNOWN, in);
  }

  Conv2DTranspose convTranspose(int in, int out, int kernel, int stride, boolean bias) {
    Config c =
        Config.of("filters", out, "kernel_size", kernel, "strides", stride, "padding", "valid")
            .with("use_bias", bias)
            .with("dtype", policy);
    return add(
        Layer.fromConfig(Conv2DTranspose.TYPE, c), Shape.UNKNOWN, Shape.UNKNOWN, Shape.UNKNOWN, in);
  }

  /** Normalizes groups of channels over all places between batch and channels. */
  GroupNormalization groupNorm(int groups, int channels, double epsilon, int axes) {
    if (groups <= 0 || channels % groups != 0) {
      throw new ConfigException(
          "group norm: expected a number of groups that divides the "
              + channels
              + " channels. Received: "
              + groups
              + ". Choose other channels or another norm_num_groups.");
    }
    int[] shape = new int[axes];
    java.util.Arrays.fill(shape, Shape.UNKNOWN);
    shape[axes - 1] = channels;
    Config c = Config.of("groups", groups, "epsilon", epsilon, "dtype", policy);
    return add(Layer.fromConfig(GroupNormalization.TYPE, c), shape);
  }

  LayerNormalization layerNorm(int width, double epsilon, boolean affine, int... leading) {
    Config c = Config.of("epsilon", epsilon, "center", affine, "scale", affine, "dtype", policy);
    return add(Layer.fromConfig(LayerNormalization.TYPE, c), withWidth(width, leading));
  }

  RMSNormalization rmsNorm(int width, double epsilon, int... leading) {
    Config c = Config.of("epsilon", epsilon, "dtype", policy);
    return add(Layer.fromConfig(RMSNormalization.TYPE, c), withWidth(width, leading));
  }

  private static int[] withWidth(int width, int... leading) {
    return Shape.of(Shape.UNKNOWN, Shape.UNKNOWN).plus(leading).plus(width).dims();
  }

  Dropout dropout(double rate) {
    Config c = Config.of("rate", rate, "dtype", policy);
    return add(Layer.fromConfig(Dropout.TYPE, c), Shape.UNKNOWN, Shape.UNKNOWN, Shape.UNKNOWN);
  }

  Embedding embedding(int rows, int width) {
    Config c = Config.of("input_dim", rows, "output_dim", width, "dtype", policy);
    return add(Layer.fromConfig(Embedding.TYPE, c), Shape.UNKNOWN);
  }
}
