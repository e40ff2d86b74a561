package io.weft.systems.crossvit;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.convolutional.Conv2D;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions that make tokens of an image: one whose windows are the patches, or the three of
 * the variants with a dagger, which have patches of 12 or 16.
 */
final class PatchEmbedding {
  /** A convolution and how many zeros are put around its input. */
  private record Step(Conv2D conv, int padding) {}

  private final List<Step> steps = new ArrayList<>();

  PatchEmbedding(int patch, int dim, boolean several, DTypePolicy policy) {
    if (!several) {
      add(dim, patch, patch, 0, policy);
      return;
    }
    if (patch != 12 && patch != 16) {
      throw new ConfigException(
          "CrossVit: multi_conv needs patches of 12 or 16. Received: patch_size=" + patch);
    }
    add(dim / 4, 7, 4, 3, policy);
    if (patch == 12) {
      add(dim / 2, 3, 3, 0, policy);
      add(dim, 3, 1, 1, policy);
    } else {
      add(dim / 2, 3, 2, 1, policy);
      add(dim, 3, 2, 1, policy);
    }
  }

  private void add(int filters, int kernel, int stride, int padding, DTypePolicy policy) {
    Config c =
        Config.of("filters", filters, "kernel_size", kernel, "strides", stride, "dtype", policy);
    steps.add(new Step(Layer.fromConfig(Conv2D.TYPE, c), padding));
  }

  /** The convolutions. */
  List<Conv2D> convolutions() {
    return steps.stream().map(Step::conv).toList();
  }

  /** (batch, height, width, channels) as (batch, patches, dim). */
  Tensor apply(Tensor image) {
    Tensor x = image;
    for (int i = 0; i < steps.size(); i++) {
      int p = steps.get(i).padding();
      Tensor in = i == 0 ? x : Ops.relu(x);
      if (p > 0) {
        in = Ops.pad(in, new int[][] {{0, 0}, {p, p}, {p, p}, {0, 0}}, 0);
      }
      x = steps.get(i).conv().apply(in);
    }
    return Ops.reshape(x, x.dim(0), x.dim(1) * x.dim(2), x.dim(3));
  }
}
