package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.error.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Layer configs of Keras 2 (and 1, through {@link KerasOne}) as those of Keras 3. */
final class OldLayers {
  private static final Map<String, String> RENAMED =
      Map.of(
          "CuDNNLSTM", "LSTM",
          "CuDNNGRU", "GRU",
          "BatchNormalizationV1", "BatchNormalization",
          "BatchNormalizationV2", "BatchNormalization",
          "SyncBatchNormalization", "BatchNormalization",
          "MaxPool2D", "MaxPooling2D",
          "Conv2DTranspose", "Conv2DTranspose");

  private static final Set<String> RECURRENT =
      Set.of(
          "SimpleRNN",
          "LSTM",
          "GRU",
          "RNN",
          "CuDNNLSTM",
          "CuDNNGRU",
          "Bidirectional",
          "ConvLSTM1D",
          "ConvLSTM2D",
          "ConvLSTM3D");

  /** Keys that older versions write and Keras 3 does not know, whatever their value. */
  private static final Set<String> IGNORED =
      Set.of(
          "batch_input_shape",
          "input_dtype",
          "implementation",
          "input_length",
          "robust_masking",
          "softmax_robust_masking",
          "virtual_batch_size",
          "fused",
          "adjustment",
          "query_shape",
          "key_shape",
          "value_shape",
          "num_constants",
          "consume_less",
          "experimental_autocast",
          "autocast",
          "_jit_compile");

  /** Keys that may be left out only while they have one of these values. */
  private static final Map<String, List<Object>> DEFAULTED = new LinkedHashMap<>();

  static {
    DEFAULTED.put("time_major", list(false, null));
    DEFAULTED.put("causal", list(false, null));
    DEFAULTED.put("groups", list(1L, null));
    DEFAULTED.put("filters", list((Object) null));
    DEFAULTED.put("noise_shape", list((Object) null));
    DEFAULTED.put("renorm", list(false, null));
    DEFAULTED.put("sparse", list(false, null));
    DEFAULTED.put("ragged", list(false, null));
  }

  private OldLayers() {}

  private static List<Object> list(Object... values) {
    List<Object> l = new ArrayList<>();
    for (Object v : values) {
      l.add(v);
    }
    return l;
  }

  static boolean isRecurrent(String className) {
    return RECURRENT.contains(className);
  }

  /** The input that the first layer of a Sequential describes, or null. */
  static Config inputOf(Config first) {
    if (!(first.get("config") instanceof Config c)) {
      return null;
    }
    Object shape = c.get("batch_input_shape");
    Object inner = c.get("layers");
    if (shape == null && inner instanceof List<?> l && !l.isEmpty()) {
      return null; // a model in the first place brings its own input
    }
    if (shape == null && c.get("layer") instanceof Config wrapped) {
      return inputOf(wrapped);
    }
    if (!(shape instanceof List<?> dims)) {
      return null;
    }
    String cls = first.string("class_name");
    Object dtype = c.get("input_dtype") instanceof String s ? s : dtypeName(c.get("dtype"));
    if (cls.equals("Embedding")) {
      // ids; Keras 2 notes the dtype of the vectors only
      dtype = dtype == null || dtype.equals("float32") ? "float32" : dtype;
    }
    return Config.of(
        "module",
        "keras.layers",
        "class_name",
        "InputLayer",
        "config",
        Config.of(
            "batch_shape",
            dims,
            "dtype",
            dtype == null ? "float32" : dtype,
            "sparse",
            false,
            "name",
            c.get("name") + "_input"),
        "registered_name",
        null);
  }

  /** The compute dtype that a dtype entry stands for. */
  private static Object dtypeName(Object v) {
    if (v instanceof Config c && c.get("config") instanceof Config p) {
      v = p.get("name");
    }
    if (v instanceof String s) {
      return s.startsWith("mixed_") ? "float32" : s;
    }
    return null;
  }

  /** A layer that is not a model, as an envelope of Keras 3. */
  static Config modern(OldConfigs models, int generation, Config entry, Config config) {
    String name = entry.string("class_name");
    Config c = config;
    if (generation < 2) {
      Config made = KerasOne.modern(models.where(), name, c);
      name = made.string("class_name");
      c = made.config("config");
    }
    if (name.equals("SyncBatchNormalization")) {
      c = c.with("synchronized", true);
    }
    if (name.equals("CuDNNGRU")) {
      c = c.with("reset_after", true);
    }
    if (generation < 3 && name.equals("GRU") && !c.has("reset_after")) {
      c = c.with("reset_after", false);
    }
    if (generation < 3 && name.equals("GRUCell") && !c.has("reset_after")) {
      c = c.with("reset_after", false);
    }
    name = RENAMED.getOrDefault(name, name);
    Map<String, Object> out = new LinkedHashMap<>();
    for (String key : c.keys()) {
      Object v = c.get(key);
      if (generation >= 3 && !key.equals("batch_input_shape")) {
        out.put(key, component(models, generation, key, v));
      } else if (!isDropped(models, name, key, v)) {
        put(out, name, key, component(models, generation, key, v));
      }
    }
    return envelope(entry, name, Config.copyOf(out), generation);
  }

  private static Config envelope(Config entry, String name, Config config, int generation) {
    String module = entry.get("module") instanceof String m ? m : null;
    Object registered = entry.get("registered_name");
    boolean custom = name.contains(">") || registered instanceof String r && r.contains(">");
    if (custom) {
      registered = name.contains(">") ? name : registered;
    } else {
      registered = null;
      module = Modules.ofLayer(name, config, module, generation);
      if (module != null && module.startsWith("keras.src.ops")) {
        registered = name;
      }
    }
    Config e =
        Config.of(
            "module", module, "class_name", name, "config", config, "registered_name", registered);
    return entry.get("build_config") instanceof Config b && generation >= 3
        ? e.with("build_config", b)
        : e;
  }

  private static boolean isDropped(OldConfigs models, String name, String key, Object v) {
    if (IGNORED.contains(key)) {
      return !(name.equals("InputLayer") && key.equals("batch_input_shape"));
    }
    if (key.equals("input_shape") || key.equals("input_dim") && !name.equals("Embedding")) {
      return true;
    }
    boolean depthwise = name.startsWith("Depthwise") || name.startsWith("Separable");
    boolean transposed = name.endsWith("Transpose");
    switch (key) {
      case "kernel_initializer":
      case "kernel_regularizer":
      case "kernel_constraint":
        return depthwise;
      case "renorm_clipping":
      case "renorm_momentum":
        return true;
      case "groups":
        return (depthwise || transposed) && dropped(models, name, key, v);
      case "filters":
        return name.startsWith("Depthwise") && dropped(models, name, key, v);
      case "noise_shape":
        return name.startsWith("Spatial") && dropped(models, name, key, v);
      case "sparse":
      case "ragged":
        return name.equals("Embedding") && dropped(models, name, key, v);
      default:
        return DEFAULTED.containsKey(key) && dropped(models, name, key, v);
    }
  }

  private static boolean dropped(OldConfigs models, String name, String key, Object v) {
    if (DEFAULTED.get(key).contains(v)) {
      return true;
    }
    throw new UnsupportedFeatureException(
        models.where() + ": " + name + ": " + key + "=" + v + " of Keras 2 is not supported");
  }

  /** Keys that were renamed, and values whose form changed. */
  private static void put(Map<String, Object> out, String name, String key, Object v) {
    switch (key) {
      case "batch_input_shape":
        out.put("batch_shape", v);
        return;
      case "alpha":
        out.put(name.equals("LeakyReLU") ? "negative_slope" : key, single(v));
        return;
      case "axis":
        out.put(key, name.endsWith("Normalization") && !name.equals("Normalization") ? one(v) : v);
        return;
      case "max_value":
      case "negative_slope":
      case "threshold":
      case "theta":
        out.put(key, name.equals("ReLU") || name.equals("ThresholdedReLU") ? single(v) : v);
        return;
      default:
        out.put(key, v);
    }
  }

  private static Object one(Object v) {
    return v instanceof List<?> l && l.size() == 1 ? l.get(0) : v;
  }

  /** Keras 2 writes some scalars as arrays, plain or wrapped. */
  private static Object single(Object v) {
    if (v instanceof Config c && c.has("value")) {
      return single(c.get("value"));
    }
    return one(v);
  }

  /** A value of a layer's config, with the objects in it as envelopes of Keras 3. */
  static Object component(OldConfigs models, int generation, String key, Object v) {
    if (generation < 3 && key.equals("dtype")) {
      return v instanceof Config c && c.get("config") instanceof Config p ? p.get("name") : v;
    }
    if (generation < 3 && key.endsWith("activation") && "hard_sigmoid".equals(v)) {
      return HardSigmoid.function();
    }
    if (v instanceof List<?> l && (key.equals("cells") || key.equals("layers"))) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(component(models, generation, "layer", e)));
      return out;
    }
    if (!(v instanceof Config c) || !(c.get("class_name") instanceof String cls)) {
      return v;
    }
    boolean layer =
        key.equals("layer") || key.equals("cell") || key.endsWith("_layer") && c.has("config");
    if (layer) {
      return models.layer(c);
    }
    if (generation >= 3 && c.get("module") != null || cls.startsWith("__")) {
      return HardSigmoid.back(v);
    }
    return Modules.component(key, c);
  }
}
