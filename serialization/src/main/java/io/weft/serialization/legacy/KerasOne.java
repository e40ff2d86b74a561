package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.error.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Layer configs of Keras 1 as those of Keras 2: other names of classes and arguments. */
final class KerasOne {
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          Map.entry("Convolution1D", "Conv1D"),
          Map.entry("Convolution2D", "Conv2D"),
          Map.entry("Convolution3D", "Conv3D"),
          Map.entry("AtrousConvolution1D", "Conv1D"),
          Map.entry("AtrousConvolution2D", "Conv2D"),
          Map.entry("SeparableConvolution2D", "SeparableConv2D"),
          Map.entry("Deconvolution2D", "Conv2DTranspose"));

  private static final Map<String, String> KEYS =
      Map.ofEntries(
          Map.entry("nb_filter", "filters"),
          Map.entry("filter_length", "kernel_size"),
          Map.entry("subsample_length", "strides"),
          Map.entry("subsample", "strides"),
          Map.entry("atrous_rate", "dilation_rate"),
          Map.entry("border_mode", "padding"),
          Map.entry("bias", "use_bias"),
          Map.entry("init", "kernel_initializer"),
          Map.entry("inner_init", "recurrent_initializer"),
          Map.entry("inner_activation", "recurrent_activation"),
          Map.entry("W_regularizer", "kernel_regularizer"),
          Map.entry("U_regularizer", "recurrent_regularizer"),
          Map.entry("b_regularizer", "bias_regularizer"),
          Map.entry("W_constraint", "kernel_constraint"),
          Map.entry("U_constraint", "recurrent_constraint"),
          Map.entry("b_constraint", "bias_constraint"),
          Map.entry("dropout_W", "dropout"),
          Map.entry("dropout_U", "recurrent_dropout"),
          Map.entry("gamma_init", "gamma_initializer"),
          Map.entry("beta_init", "beta_initializer"),
          Map.entry("pool_length", "pool_size"),
          Map.entry("stride", "strides"),
          Map.entry("length", "size"),
          Map.entry("sigma", "stddev"),
          Map.entry("depthwise_init", "depthwise_initializer"),
          Map.entry("pointwise_init", "pointwise_initializer"));

  private static final Set<String> NOISE =
      Set.of(
          "Dropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D");

  private static final Map<String, String> MERGES =
      Map.of(
          "sum",
          "Add",
          "mul",
          "Multiply",
          "ave",
          "Average",
          "max",
          "Maximum",
          "concat",
          "Concatenate",
          "dot",
          "Dot",
          "cos",
          "Dot");

  private KerasOne() {}

  /** The class name and config of Keras 2. */
  static Config modern(String where, String name, Config c) {
    if (name.equals("Merge")) {
      return merge(where, c);
    }
    if (name.equals("Highway") || name.equals("MaxoutDense") || name.startsWith("LocallyConn")) {
      throw new UnsupportedFeatureException(
          where + ": " + name + ": this layer of Keras 1 has no successor in Keras 3");
    }
    Map<String, Object> out = new LinkedHashMap<>();
    List<Object> kernel = new ArrayList<>();
    for (String key : c.keys()) {
      Object v = c.get(key);
      switch (key) {
        case "nb_row":
        case "nb_col":
        case "kernel_dim1":
        case "kernel_dim2":
        case "kernel_dim3":
          kernel.add(v);
          if (kernel.size() == (name.endsWith("3D") ? 3 : 2)) {
            out.put("kernel_size", kernel);
          }
          break;
        case "dim_ordering":
          out.put("data_format", "th".equals(v) ? "channels_first" : "channels_last");
          break;
        case "forget_bias_init":
          out.put("unit_forget_bias", "one".equals(v));
          break;
        case "output_dim":
          out.put(name.equals("Embedding") ? key : "units", v);
          break;
        case "p":
          out.put(NOISE.contains(name) ? "rate" : key, v);
          break;
        case "n":
        case "dims":
        case "target_shape":
          out.put(key, v);
          break;
        case "mode":
          if (!Long.valueOf(0).equals(v) && !Long.valueOf(2).equals(v)) {
            throw new UnsupportedFeatureException(
                where + ": " + name + ": mode=" + v + " of Keras 1 is not supported");
          }
          break;
        case "dropout":
          if (!name.equals("Embedding")) {
            out.put(key, v);
          }
          break;
        default:
          putRenamed(out, name, key, v);
      }
    }
    return Config.of("class_name", CLASSES.getOrDefault(name, name), "config", Config.copyOf(out));
  }

  private static void putRenamed(Map<String, Object> out, String name, String key, Object v) {
    String renamed = KEYS.getOrDefault(key, key);
    if (name.equals("Embedding")) {
      renamed = renamed.replace("kernel_", "embeddings_");
    }
    if (name.equals("PReLU") && key.equals("init")) {
      renamed = "alpha_initializer";
    }
    if (key.equals("weights") || name.equals("Embedding") && key.equals("activity_regularizer")) {
      return;
    }
    out.put(renamed, value(renamed, v));
  }

  /** Initializers are names; regularizers and constraints have their name among their arguments. */
  private static Object value(String key, Object v) {
    if (v instanceof Config c && c.get("name") instanceof String n && !c.has("class_name")) {
      String cls = n.replace("Regularizer", "").replaceAll("^WeightL", "L");
      return Config.of("class_name", cls, "config", arguments(c));
    }
    if (key.endsWith("initializer") && "normal".equals(v)) {
      return Config.of(
          "class_name", "RandomNormal", "config", Config.of("mean", 0.0, "stddev", 0.05));
    }
    if (key.endsWith("initializer") && "uniform".equals(v)) {
      return Config.of(
          "class_name", "RandomUniform", "config", Config.of("minval", -0.05, "maxval", 0.05));
    }
    if (key.endsWith("initializer") && v instanceof String s) {
      return s.equals("one") ? "ones" : s.equals("zero") ? "zeros" : s;
    }
    return v;
  }

  private static Config arguments(Config c) {
    Config a = c.without("name");
    return a.has("m") ? a.without("m").with("max_value", c.get("m")) : a;
  }

  private static Config merge(String where, Config c) {
    String cls = c.get("mode") instanceof String m ? MERGES.get(m) : null;
    if (cls == null || c.get("layers") != null) {
      throw new UnsupportedFeatureException(
          where + ": Merge: mode=" + c.get("mode") + " of Keras 1 is not supported");
    }
    Config out = Config.of("name", c.get("name"), "trainable", orTrue(c.get("trainable")));
    if (cls.equals("Concatenate")) {
      out = out.with("axis", c.get("concat_axis"));
    }
    if (cls.equals("Dot")) {
      Object axes = c.get("dot_axes");
      out = out.with("axes", axes).with("normalize", "cos".equals(c.get("mode")));
    }
    return Config.of("class_name", cls, "config", out);
  }

  private static Object orTrue(Object v) {
    return v == null ? Boolean.TRUE : v;
  }
}
