package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.config.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What Keras 2 and the HDF5 files of Keras 3 note of compile(), as Keras 3 archives have it. */
final class OldCompile {
  private static final Set<String> ARGUMENTS =
      Set.of(
          "optimizer",
          "loss",
          "loss_weights",
          "metrics",
          "weighted_metrics",
          "run_eagerly",
          "steps_per_execution",
          "jit_compile");

  private static final Map<String, String> LOSSES =
      Map.of(
          "kullback_leibler_divergence", "kl_divergence",
          "logcosh", "log_cosh",
          "cosine_proximity", "cosine_similarity",
          "cosine", "cosine_similarity",
          "huber_loss", "huber");

  /** Keys of older optimizers that mean nothing to Keras 3. */
  private static final Set<String> OPTIMIZER_DROPPED =
      Set.of("decay", "schedule_decay", "jit_compile", "is_legacy_optimizer", "amsgrad");

  private OldCompile() {}

  /** A training or compile config. */
  static Config modern(Config old) {
    Map<String, Object> out = new LinkedHashMap<>();
    Object optimizer = old.has("optimizer") ? old.get("optimizer") : old.get("optimizer_config");
    out.put("optimizer", optimizer(optimizer));
    out.put("loss", named(old.get("loss"), "keras.losses"));
    out.put("loss_weights", old.get("loss_weights"));
    out.put("metrics", metrics(old.get("metrics")));
    out.put("weighted_metrics", metrics(old.get("weighted_metrics")));
    for (String key : List.of("run_eagerly", "steps_per_execution", "jit_compile")) {
      if (old.get(key) != null) {
        out.put(key, old.get(key));
      }
    }
    out.keySet().retainAll(ARGUMENTS);
    return Config.copyOf(out);
  }

  private static Object optimizer(Object v) {
    if (!(v instanceof Config c)
        || !(c.get("config") instanceof Config old)
        || !(c.get("class_name") instanceof String given)) {
      return v;
    }
    String name = given;
    name = name.contains(">") ? name.substring(name.indexOf('>') + 1) : name;
    Map<String, Object> out = new LinkedHashMap<>();
    boolean three = c.get("module") == null && old.has("gradient_accumulation_steps");
    for (String key : old.keys()) {
      Object value = old.get(key);
      if (key.equals("lr")) {
        out.put("learning_rate", value);
      } else if (key.equals("learning_rate")) {
        out.put(key, value instanceof Config s ? Modules.component(key, s) : value);
      } else if (key.equals("inner_optimizer")) {
        out.put(key, optimizer(value));
      } else if (key.equals("amsgrad") || three || !OPTIMIZER_DROPPED.contains(key)) {
        if (!(key.equals("amsgrad") && !name.startsWith("Adam"))) {
          out.put(key, value);
        }
      }
    }
    if (old.get("decay") instanceof Double d
        && d != 0
        && out.get("learning_rate") instanceof Double) {
      out.put("learning_rate", inverseTime((Double) out.get("learning_rate"), d));
    }
    if (out.get("epsilon") == null) {
      out.remove("epsilon");
    }
    if (out.get("name") instanceof String n) {
      out.put("name", three ? n : Names.snake(name));
    }
    if (name.equals("SGD") && out.get("momentum") instanceof Long m) {
      out.put("momentum", (double) m);
    }
    return Config.of(
        "module",
        "keras.optimizers",
        "class_name",
        name,
        "config",
        Config.copyOf(out),
        "registered_name",
        null);
  }

  /** The decay of older optimizers, {@code lr / (1 + decay · iterations)}, as a schedule. */
  private static Config inverseTime(double rate, double decay) {
    return Config.of(
        "module",
        "keras.optimizers.schedules",
        "class_name",
        "InverseTimeDecay",
        "config",
        Config.of(
            "initial_learning_rate",
            rate,
            "decay_steps",
            1L,
            "decay_rate",
            decay,
            "staircase",
            false,
            "name",
            "InverseTimeDecay"),
        "registered_name",
        null);
  }

  /** Metrics come as a list, a list of lists (one per output), or by output. */
  private static Object metrics(Object v) {
    if (v instanceof List<?> l) {
      // one output: Keras 2.4 and later still write a list in the list
      if (l.size() == 1 && l.get(0) instanceof List<?> inner) {
        return metrics(inner);
      }
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(metrics(e)));
      return out;
    }
    return named(v, "keras.metrics");
  }

  private static Object named(Object v, String module) {
    if (v instanceof String s) {
      return module.equals("keras.losses") ? LOSSES.getOrDefault(s, s) : s;
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(named(e, module)));
      return out;
    }
    if (!(v instanceof Config c)) {
      return v;
    }
    if (!(c.get("class_name") instanceof String cls)) {
      Map<String, Object> out = new LinkedHashMap<>();
      c.asMap()
          .forEach(
              (k, e) -> out.put(k, module.equals("keras.metrics") ? metrics(e) : named(e, module)));
      return Config.copyOf(out);
    }
    if (cls.equals("function") || !(c.get("config") instanceof Config inner)) {
      return c.get("config") instanceof String f ? LOSSES.getOrDefault(f, f) : c;
    }
    return object(module, cls, inner);
  }

  private static Object object(String module, String cls, Config inner) {
    Config config = inner;
    String name = cls;
    if (cls.equals("MeanMetricWrapper") || cls.equals("LossFunctionWrapper")) {
      Object fn = inner.get("fn");
      String f = fn instanceof Config e && e.get("config") instanceof String s ? s : null;
      f = fn instanceof String s ? s : f;
      if (f == null) {
        return inner.get("name");
      }
      name = camel(LOSSES.getOrDefault(f, f));
    }
    config = config.without("fn");
    if ("auto".equals(config.get("reduction"))) {
      config = config.with("reduction", "sum_over_batch_size");
    }
    return Config.of(
        "module", module, "class_name", name, "config", config, "registered_name", null);
  }

  /** {@code mean_squared_error} as {@code MeanSquaredError}. */
  private static String camel(String snake) {
    if (snake.equals("kl_divergence")) {
      return "KLDivergence";
    }
    StringBuilder s = new StringBuilder();
    for (String part : snake.split("_")) {
      if (!part.isEmpty()) {
        s.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
      }
    }
    return s.toString();
  }
}
