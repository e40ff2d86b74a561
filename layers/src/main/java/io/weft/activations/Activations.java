package io.weft.activations;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.layer.Activation;
import io.weft.ops.NnFunctions;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All activations of Keras by name, with their default parameters. */
public final class Activations {
  private static final Map<String, Named> ALL = new LinkedHashMap<>();

  static {
    put("relu");
    put("leaky_relu");
    put("relu6");
    put("softmax");
    put("celu");
    put("elu");
    put("selu");
    put("softplus");
    put("softsign");
    put("squareplus");
    put("soft_shrink");
    put("sparse_plus");
    put("silu", "swish");
    put("gelu");
    put("glu");
    put("tanh");
    put("tanh_shrink");
    put("sigmoid");
    put("sparse_sigmoid");
    put("exponential");
    put("hard_sigmoid");
    put("hard_silu", "hard_swish");
    put("hard_tanh");
    put("hard_shrink");
    put("linear");
    put("mish");
    put("log_softmax");
    put("log_sigmoid");
    put("sparsemax");
    put("keras2>hard_sigmoid");
  }

  private Activations() {}

  private static void put(String name, String... aliases) {
    ALL.put(name, new Named(name, List.of(aliases)));
  }

  /** What each computes; a switch links faster than a table of lambdas. */
  private static Tensor compute(String name, Tensor x) {
    return switch (name) {
      case "relu" -> NnFunctions.relu(x);
      case "leaky_relu" -> NnFunctions.leakyRelu(x, 0.2);
      case "relu6" -> NnFunctions.relu6(x);
      case "softmax" -> NnFunctions.softmax(x, -1);
      case "celu" -> NnFunctions.celu(x, 1);
      case "elu" -> NnFunctions.elu(x, 1);
      case "selu" -> NnFunctions.selu(x);
      case "softplus" -> NnFunctions.softplus(x);
      case "softsign" -> NnFunctions.softsign(x);
      case "squareplus" -> NnFunctions.squareplus(x, 4);
      case "soft_shrink" -> NnFunctions.softShrink(x, 0.5);
      case "sparse_plus" -> NnFunctions.sparsePlus(x);
      case "silu" -> NnFunctions.silu(x);
      case "gelu" -> NnFunctions.gelu(x, false);
      case "glu" -> NnFunctions.glu(x, -1);
      case "tanh" -> Ops.tanh(x);
      case "tanh_shrink" -> NnFunctions.tanhShrink(x);
      case "sigmoid" -> NnFunctions.sigmoid(x);
      case "sparse_sigmoid" -> NnFunctions.sparseSigmoid(x);
      case "exponential" -> NnFunctions.exponential(x);
      case "hard_sigmoid" -> NnFunctions.hardSigmoid(x);
      case "hard_silu" -> NnFunctions.hardSilu(x);
      case "hard_tanh" -> NnFunctions.hardTanh(x);
      case "hard_shrink" -> NnFunctions.hardShrink(x, 0.5);
      case "linear" -> NnFunctions.linear(x);
      case "mish" -> NnFunctions.mish(x);
      case "log_softmax" -> NnFunctions.logSoftmax(x, -1);
      case "log_sigmoid" -> NnFunctions.logSigmoid(x);
      case "sparsemax" -> NnFunctions.sparsemax(x, -1);
      case "keras2>hard_sigmoid" -> Ops.clip(x.times(0.2).plus(0.5), 0, 1);
      default -> throw new AssertionError(name);
    };
  }

  /** The activation of a name such as {@code relu}; an alias gives the activation it stands for. */
  public static Activation get(String name) {
    for (Named a : ALL.values()) {
      if (a.name.equals(name) || a.aliases.contains(name)) {
        return a;
      }
    }
    throw new ConfigException(
        "activation: expected one of " + ALL.keySet() + ". Received: '" + name + "'");
  }

  /** The rows of all activations. */
  public static List<Entry<Activation>> types() {
    List<Entry<Activation>> rows = new ArrayList<>();
    for (Named a : ALL.values()) {
      rows.add(
          new Entry<>(
              Activation.class,
              "keras.activations",
              a.name,
              a.isCustom() ? a.name : null,
              c -> a,
              a.aliases.toArray(new String[0])));
    }
    return rows;
  }

  private record Named(String name, List<String> aliases) implements Activation {
    @Override
    public Tensor apply(Tensor x) {
      return compute(name, x);
    }

    @Override
    public boolean isLinear() {
      return name.equals("linear");
    }

    boolean isCustom() {
      return name.contains(">");
    }

    @Override
    public Config getConfig() {
      return Config.EMPTY;
    }

    @Override
    public Object serialized() {
      return isCustom() ? layers() : name;
    }

    /** Layers that compute the same, so that Keras 3 can read what Weft wrote. */
    private static Config layers() {
      Config scale =
          Config.of(
              "module",
              "keras.layers",
              "class_name",
              "Rescaling",
              "config",
              Config.of("name", "scale", "scale", 0.2, "offset", 0.5),
              "registered_name",
              null);
      Config clip =
          Config.of(
              "module",
              "keras.layers",
              "class_name",
              "ReLU",
              "config",
              Config.of("name", "clip", "max_value", 1.0),
              "registered_name",
              null);
      return Config.of(
          "module",
          "keras",
          "class_name",
          "Sequential",
          "config",
          Config.of("name", "keras2_hard_sigmoid", "layers", List.of(scale, clip)),
          "registered_name",
          null);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
