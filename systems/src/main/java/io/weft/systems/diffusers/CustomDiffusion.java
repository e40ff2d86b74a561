package io.weft.systems.diffusers;

import io.weft.layer.Layer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Projections in place of an attention's own, for a new concept (Kumari et al. 2022, arXiv
 * 2212.04488; diffusers' {@code CustomDiffusionAttnProcessor}): those of keys and values, those of
 * queries and output, or both. The first token of a context, its start, gets no gradient. Names:
 * {@code processor.to_k_custom_diffusion.weight}, {@code processor.to_out_custom_diffusion.0.bias}.
 */
final class CustomDiffusion extends AttentionAdapter {
  private final Parts parts;
  private final boolean keysAndValues;
  private final boolean queriesAndOutput;

  CustomDiffusion(Parts parts, boolean keysAndValues, boolean queriesAndOutput) {
    this.parts = parts;
    this.keysAndValues = keysAndValues;
    this.queriesAndOutput = queriesAndOutput;
  }

  @Override
  boolean replacesKeys() {
    return true;
  }

  @Override
  void adapt(String projection, int in, int out, boolean bias) {
    boolean own =
        switch (projection) {
          case "to_k", "to_v" -> keysAndValues;
          case "to_q", "to_out" -> queriesAndOutput;
          default -> false;
        };
    if (own) {
      boolean last = projection.equals("to_out");
      add(name(projection), parts.linear(in, out, last && bias));
    }
  }

  private static String name(String projection) {
    return projection + "_custom_diffusion" + (projection.equals("to_out") ? ".0" : "");
  }

  @Override
  Tensor project(String projection, Dense usual, Tensor x) {
    Layer own = layer(name(projection));
    return (own == null ? usual : own).apply(x);
  }

  @Override
  Tensor ofContext(Tensor x) {
    if (x.dim(1) == 0) {
      return x;
    }
    Tensor first = Ops.stopGradient(tokens(x, 0, 1));
    return Ops.concatenate(List.of(first, tokens(x, 1, x.dim(1) - 1)), 1);
  }
}
