package io.weft.systems.weights;

import io.weft.layer.Layer;
import io.weft.layers.convolutional.Conv1D;
import io.weft.layers.convolutional.Conv1DTranspose;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.convolutional.Conv2DTranspose;
import io.weft.layers.convolutional.Conv3D;
import io.weft.layers.convolutional.Conv3DTranspose;
import io.weft.layers.convolutional.DepthwiseConv1D;
import io.weft.layers.convolutional.DepthwiseConv2D;
import io.weft.layers.convolutional.SeparableConv1D;
import io.weft.layers.convolutional.SeparableConv2D;
import io.weft.layers.core.Dense;
import io.weft.layers.core.EinsumDense;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.PReLU;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.normalization.RMSNormalization;
import io.weft.tensor.Variable;
import java.util.HashMap;
import java.util.Map;

/** What PyTorch calls a variable of a Keras layer, by the kind of layer that owns it. */
final class TorchNames {
  private record Rule(String name, Layout layout) {}

  private static final Map<Class<?>, Map<String, Rule>> RULES = new HashMap<>();

  static {
    Rule bias = new Rule("bias", Layout.SAME);
    Rule weight = new Rule("weight", Layout.SAME);
    Map<String, Rule> conv = Map.of("kernel", new Rule("weight", Layout.CONV), "bias", bias);
    put(conv, Conv1D.class, Conv2D.class, Conv3D.class);
    put(conv, Conv1DTranspose.class, Conv2DTranspose.class, Conv3DTranspose.class);
    put(Map.of("kernel", new Rule("weight", Layout.LINEAR), "bias", bias), Dense.class);
    Rule depthwise = new Rule("weight", Layout.DEPTHWISE);
    put(
        Map.of("kernel", depthwise, "depthwise_kernel", depthwise, "bias", bias),
        DepthwiseConv1D.class,
        DepthwiseConv2D.class);
    // PyTorch writes these as two modules
    put(
        Map.of(
            "depthwise_kernel",
            new Rule("depthwise.weight", Layout.DEPTHWISE),
            "pointwise_kernel",
            new Rule("pointwise.weight", Layout.CONV),
            "bias",
            new Rule("pointwise.bias", Layout.SAME)),
        SeparableConv1D.class,
        SeparableConv2D.class);
    put(Map.of("embeddings", weight), Embedding.class);
    put(Map.of("alpha", weight), PReLU.class);
    put(Map.of("gamma", weight, "beta", bias), LayerNormalization.class, GroupNormalization.class);
    put(Map.of("scale", weight), RMSNormalization.class);
    put(
        Map.of(
            "gamma",
            weight,
            "beta",
            bias,
            "moving_mean",
            new Rule("running_mean", Layout.SAME),
            "moving_variance",
            new Rule("running_var", Layout.SAME)),
        BatchNormalization.class);
  }

  private TorchNames() {}

  private static void put(Map<String, Rule> rules, Class<?>... owners) {
    for (Class<?> c : owners) {
      RULES.put(c, rules);
    }
  }

  /** The entry of a variable, named relative to its owner; without a rule it stays as it is. */
  static TorchEntry entry(Layer owner, Variable v) {
    if (owner instanceof EinsumDense e) {
      return einsum(e, v);
    }
    Rule r = RULES.getOrDefault(owner.getClass(), Map.of()).get(v.name());
    return r == null ? TorchEntry.of(v.name(), Layout.SAME, v) : TorchEntry.of(r.name, r.layout, v);
  }

  /** A product whose kernel's first axes are summed over is a linear layer with named axes. */
  private static TorchEntry einsum(EinsumDense owner, Variable v) {
    if (v.name().equals("bias")) {
      return TorchEntry.of("bias", Layout.FLAT, v);
    }
    String[] sides = owner.getConfig().string("equation").replace(" ", "").split("->");
    String kernel = sides[0].substring(sides[0].indexOf(',') + 1);
    int inputs = 0;
    while (inputs < kernel.length() && sides[1].indexOf(kernel.charAt(inputs)) < 0) {
      inputs++;
    }
    boolean plain = kernel.substring(inputs).chars().allMatch(c -> sides[1].indexOf(c) >= 0);
    return v.name().equals("kernel") && plain
        ? TorchEntry.of("weight", Layout.linear(inputs), v)
        : TorchEntry.of(v.name(), Layout.SAME, v);
  }
}
