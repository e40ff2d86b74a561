package io.weft.layers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.LayerType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The least config of each layer class: its required arguments. */
final class Samples {
  private static final Config DENSE = Config.of("units", 2);
  private static final Map<String, Config> REQUIRED =
      Map.ofEntries(
          Map.entry("Activation", Config.of("activation", "relu")),
          Map.entry("Dense", DENSE),
          Map.entry("Lambda", Config.of("function", "relu")),
          Map.entry("EinsumDense", Config.of("equation", "ab,bc->ac", "output_shape", 3)),
          Map.entry("Embedding", Config.of("input_dim", 5, "output_dim", 2)),
          Map.entry("ReversibleEmbedding", Config.of("input_dim", 5, "output_dim", 2)),
          Map.entry("InputLayer", Config.of("shape", new int[] {3})),
          Map.entry("Dropout", Config.of("rate", 0.5)),
          Map.entry("AlphaDropout", Config.of("rate", 0.5)),
          Map.entry("GaussianDropout", Config.of("rate", 0.5)),
          Map.entry("SpatialDropout1D", Config.of("rate", 0.5)),
          Map.entry("SpatialDropout2D", Config.of("rate", 0.5)),
          Map.entry("SpatialDropout3D", Config.of("rate", 0.5)),
          Map.entry("GaussianNoise", Config.of("stddev", 0.5)),
          Map.entry("Permute", Config.of("dims", new int[] {2, 1})),
          Map.entry("RepeatVector", Config.of("n", 2)),
          Map.entry("Reshape", Config.of("target_shape", new int[] {2, 3})),
          Map.entry("Dot", Config.of("axes", 1)),
          Map.entry("Rescaling", Config.of("scale", 0.5)),
          Map.entry("MultiHeadAttention", Config.of("num_heads", 2, "key_dim", 3)),
          Map.entry(
              "GroupQueryAttention",
              Config.of("head_dim", 3, "num_query_heads", 4, "num_key_value_heads", 2)));

  private Samples() {}

  /** All layer classes of the module. */
  static List<LayerType<?>> types() {
    List<LayerType<?>> all = new ArrayList<>();
    for (Entry<?> e : Registry.standard().entries()) {
      if (e instanceof LayerType<?> t && t.module().equals("keras.layers")) {
        all.add(t);
      }
    }
    return all;
  }

  /** A config that the class accepts. */
  static Config config(LayerType<?> type) {
    String n = type.className();
    if (REQUIRED.containsKey(n)) {
      return REQUIRED.get(n);
    }
    if (n.matches("(Conv|SeparableConv|ConvLSTM)\\dD(Transpose)?")) {
      return Config.of("filters", 2, "kernel_size", 2);
    }
    if (n.startsWith("Depthwise")) {
      return Config.of("kernel_size", 2);
    }
    if (n.startsWith("AveragePooling")) {
      return Config.of("pool_size", 2);
    }
    if (n.startsWith("Adaptive")) {
      return Config.of("output_size", 2);
    }
    if (n.matches("(SimpleRNN|LSTM|GRU)(Cell)?")) {
      return Config.of("units", 2);
    }
    Config lstm = Config.of("units", 2);
    return switch (n) {
      case "SpectralNormalization", "TimeDistributed" -> Config.of("layer", layer("Dense", DENSE));
      case "Bidirectional" -> Config.of("layer", layer("LSTM", lstm));
      case "RNN" -> Config.of("cell", layer("LSTMCell", lstm));
      case "StackedRNNCells" -> Config.of("cells", List.of(layer("LSTMCell", lstm)));
      default -> Config.EMPTY;
    };
  }

  private static Object layer(String className, Config config) {
    return Registry.standard().find(io.weft.layer.Layer.class, className).create(config);
  }
}
