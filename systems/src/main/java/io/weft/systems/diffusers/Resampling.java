package io.weft.systems.diffusers;

import io.weft.layer.Layer;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What {@link Downsample2D} and {@link Upsample2D} share. */
final class Resampling {
  private Resampling() {}

  /**
   * Reads {@code norm_type}, {@code eps} and {@code elementwise_affine}, which has to be given for
   * a norm with weights; null for no norm.
   */
  static UnaryOperator<Tensor> norm(DiffusersLayer owner, int channels) {
    String kind = owner.string("norm_type");
    Double eps = owner.number("eps");
    boolean affine = owner.flag("elementwise_affine", false);
    if (kind == null) {
      return null;
    }
    double epsilon = eps == null ? 1e-5 : eps;
    return switch (kind) {
      case "ln_norm" ->
          owner.tracked("norm", owner.parts.layerNorm(channels, epsilon, affine, -1))::apply;
      case "rms_norm" ->
          affine
              ? owner.tracked("norm", owner.parts.rmsNorm(channels, epsilon, -1))::apply
              : x ->
                  x.times(Ops.rsqrt(Ops.mean(Ops.square(x), new int[] {-1}, true).plus(epsilon)));
      default -> throw owner.refuse("norm_type", "null, 'ln_norm' or 'rms_norm'");
    };
  }

  /** Further names of a convolution's weights. */
  static List<TorchEntry> named(String prefix, Layer conv) {
    List<TorchEntry> all = new ArrayList<>();
    if (conv != null) {
      for (Variable v : conv.ownVariables()) {
        boolean kernel = v.name().equals("kernel");
        all.add(
            TorchEntry.of(
                prefix + (kernel ? "weight" : "bias"), kernel ? Layout.CONV : Layout.SAME, v));
      }
    }
    return all;
  }
}
