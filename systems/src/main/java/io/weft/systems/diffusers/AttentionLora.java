package io.weft.systems.diffusers;

import io.weft.initializers.RandomNormal;
import io.weft.initializers.Zeros;
import io.weft.layer.Layer;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Low-rank changes of the projections of an attention (Hu et al. 2021): {@code scale · up(down(x))}
 * beside {@code W x}. Down starts with deviation 1/rank, up with zeros, so that a fresh one changes
 * nothing. Names: {@code processor.to_q_lora.down.weight} and so on.
 */
final class AttentionLora {
  private final Parts parts;
  private final int rank;
  private final double scale;
  private final Map<String, Layer> layers = new LinkedHashMap<>();

  AttentionLora(Parts parts, int rank, double scale) {
    this.parts = parts;
    this.rank = rank;
    this.scale = scale;
  }

  /** Adds the change of a projection; gives its two layers by attribute. */
  Map<String, Layer> add(String name, int in, int out) {
    Map<String, Layer> two = new LinkedHashMap<>();
    two.put(attribute(name) + "down", parts.linear(in, rank, new RandomNormal(0, 1.0 / rank)));
    two.put(attribute(name) + "up", parts.linear(rank, out, new Zeros()));
    layers.putAll(two);
    return two;
  }

  private static String attribute(String name) {
    return "processor." + name + "_lora.";
  }

  /** What is added to a projection. */
  Tensor change(String name, Tensor x) {
    Tensor y = layers.get(attribute(name) + "down").apply(x);
    return layers.get(attribute(name) + "up").apply(y).times(scale);
  }
}
