package io.weft.systems.diffusers;

import io.weft.initializers.RandomNormal;
import io.weft.initializers.Zeros;
import io.weft.layers.core.Dense;
import io.weft.tensor.Tensor;

/**
 * Low-rank changes of the projections of an attention (Hu et al. 2021): {@code scale · up(down(x))}
 * beside {@code W x}. Down starts with deviation 1/rank, up with zeros, so that a fresh one changes
 * nothing. Names: {@code processor.to_q_lora.down.weight} and so on.
 */
final class AttentionLora extends AttentionAdapter {
  private final Parts parts;
  private final int rank;
  private final double scale;

  AttentionLora(Parts parts, int rank, double scale) {
    this.parts = parts;
    this.rank = rank;
    this.scale = scale;
  }

  @Override
  void adapt(String projection, int in, int out, boolean bias) {
    add(projection + "_lora.down", parts.linear(in, rank, new RandomNormal(0, 1.0 / rank)));
    add(projection + "_lora.up", parts.linear(rank, out, new Zeros()));
  }

  @Override
  Tensor project(String projection, Dense usual, Tensor x) {
    Tensor low = layer(projection + "_lora.down").apply(x);
    return usual.apply(x).plus(layer(projection + "_lora.up").apply(low).times(scale));
  }
}
