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
import java.util.function.UnaryOperator;

/** All activations of Keras by name, with their default parameters. */
public final class Activations {
  private static final Map<String, Named> ALL = new LinkedHashMap<>();

  static {
    put("relu", NnFunctions::relu);
    put("leaky_relu", x -> NnFunctions.leakyRelu(x, 0.2));
    put("relu6", NnFunctions::relu6);
    put("softmax", x -> NnFunctions.softmax(x, -1));
    put("celu", x -> NnFunctions.celu(x, 1));
    put("elu", x -> NnFunctions.elu(x, 1));
    put("selu", NnFunctions::selu);
    put("softplus", NnFunctions::softplus);
    put("softsign", NnFunctions::softsign);
    put("squareplus", x -> NnFunctions.squareplus(x, 4));
    put("soft_shrink", x -> NnFunctions.softShrink(x, 0.5));
    put("sparse_plus", NnFunctions::sparsePlus);
    put("silu", NnFunctions::silu, "swish");
    put("gelu", x -> NnFunctions.gelu(x, false));
    put("glu", x -> NnFunctions.glu(x, -1));
    put("tanh", Ops::tanh);
    put("tanh_shrink", NnFunctions::tanhShrink);
    put("sigmoid", NnFunctions::sigmoid);
    put("sparse_sigmoid", NnFunctions::sparseSigmoid);
    put("exponential", NnFunctions::exponential);
    put("hard_sigmoid", NnFunctions::hardSigmoid);
    put("hard_silu", NnFunctions::hardSilu, "hard_swish");
    put("hard_tanh", NnFunctions::hardTanh);
    put("hard_shrink", x -> NnFunctions.hardShrink(x, 0.5));
    put("linear", NnFunctions::linear);
    put("mish", NnFunctions::mish);
    put("log_softmax", x -> NnFunctions.logSoftmax(x, -1));
    put("log_sigmoid", NnFunctions::logSigmoid);
    put("sparsemax", x -> NnFunctions.sparsemax(x, -1));
    // not of Keras 3: what hard_sigmoid means in files of Keras 1 and 2
    put("keras2>hard_sigmoid", x -> Ops.clip(x.times(0.2).plus(0.5), 0, 1));
  }

  private Activations() {}

  private static void put(String name, UnaryOperator<Tensor> function, String... aliases) {
    ALL.put(name, new Named(name, function, List.of(aliases)));
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
              a.aliases.toArray(String[]::new)));
    }
    return rows;
  }

  private record Named(String name, UnaryOperator<Tensor> function, List<String> aliases)
      implements Activation {
    @Override
    public Tensor apply(Tensor x) {
      return function.apply(x);
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
