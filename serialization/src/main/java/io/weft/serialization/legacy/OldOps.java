package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.error.UnsupportedFeatureException;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** TensorFlow functions that Keras 2 recorded as layers, as op nodes of Keras 3. */
final class OldOps {
  private static final Set<String> CLASSES =
      Set.of(
          "TFOpLambda",
          "SlicingOpLambda",
          "ClassMethod",
          "InstanceMethod",
          "InstanceProperty",
          "TensorFlowOpLayer");

  /** TensorFlow's names that differ from those of {@code keras.ops}. */
  private static final Map<String, String> FUNCTIONS =
      Map.ofEntries(
          Map.entry("add", "add"),
          Map.entry("sub", "subtract"),
          Map.entry("mul", "multiply"),
          Map.entry("truediv", "true_divide"),
          Map.entry("divide", "true_divide"),
          Map.entry("div", "true_divide"),
          Map.entry("realdiv", "true_divide"),
          Map.entry("pow", "power"),
          Map.entry("neg", "negative"),
          Map.entry("mod", "mod"),
          Map.entry("floormod", "mod"),
          Map.entry("floordiv", "floor_divide"),
          Map.entry("abs", "absolute"),
          Map.entry("reduce_mean", "mean"),
          Map.entry("reduce_sum", "sum"),
          Map.entry("reduce_max", "max"),
          Map.entry("reduce_min", "min"),
          Map.entry("reduce_prod", "prod"),
          Map.entry("reduce_any", "any"),
          Map.entry("reduce_all", "all"),
          Map.entry("reduce_std", "std"),
          Map.entry("reduce_variance", "var"),
          Map.entry("concat", "concatenate"),
          Map.entry("clip_by_value", "clip"),
          Map.entry("l2_normalize", "normalize"),
          Map.entry("getitem", "get_item"),
          Map.entry("swish", "silu"),
          Map.entry("gather", "take"),
          Map.entry("ne", "not_equal"),
          Map.entry("eq", "equal"),
          Map.entry("acos", "arccos"),
          Map.entry("asin", "arcsin"),
          Map.entry("atan", "arctan"),
          Map.entry("argmax", "argmax"),
          Map.entry("batch_matmul_v2", "matmul"),
          Map.entry("addv2", "add"));

  /** TensorFlow's argument names that differ. */
  private static final Map<String, String> ARGUMENTS =
      Map.ofEntries(
          Map.entry("y", "x2"),
          Map.entry("b", "x2"),
          Map.entry("shape", "newshape"),
          Map.entry("perm", "axes"),
          Map.entry("clip_value_min", "x_min"),
          Map.entry("clip_value_max", "x_max"),
          Map.entry("keep_dims", "keepdims"),
          Map.entry("multiples", "repeats"),
          Map.entry("paddings", "pad_width"),
          Map.entry("num_or_size_splits", "indices_or_sections"),
          Map.entry("depth", "num_classes"),
          Map.entry("slice_spec", "key"));

  private OldOps() {}

  static boolean isOp(Config entry) {
    return CLASSES.contains(entry.get("class_name"));
  }

  /** The op entry of Keras 3, its calls included. */
  static Config modern(String where, Config entry, OldNodes nodes, List<?> calls) {
    Config c = entry.config("config");
    Object symbol = c == null ? null : c.get("function");
    String name = entry.get("name") instanceof String s ? s : String.valueOf(c.get("name"));
    if (!(symbol instanceof String path)) {
      throw refuse(where, name, entry.string("class_name"));
    }
    String last = path.substring(path.lastIndexOf('.') + 1);
    if (path.equals("identity")) {
      return identity(name, nodes.modern(calls, false));
    }
    String function = FUNCTIONS.getOrDefault(last, last);
    PublicOp op = find(where, name, path, function);
    List<Object> inbound = new ArrayList<>();
    Map<String, Object> constructor = null;
    for (Object o : calls) {
      OldNodes.Call call = nodes.call(o);
      Map<String, Object> bound = bind(where, name, path, op, call);
      Map<String, Object> own = new LinkedHashMap<>();
      List<Object> args = new ArrayList<>();
      for (PublicOp.Param p : op.params()) {
        if (p.constructor()) {
          if (bound.containsKey(p.name())) {
            own.put(p.name(), bound.get(p.name()));
          }
        } else if (bound.containsKey(p.name())) {
          args.add(bound.get(p.name()));
        } else if (p.fallback() != null) {
          args.add(p.fallback());
        }
      }
      if (constructor != null && !constructor.equals(own)) {
        throw refuse(where, name, path + " called in different ways");
      }
      constructor = own;
      inbound.add(Config.of("args", args, "kwargs", Config.EMPTY));
    }
    Config config = Config.of("name", name.replace('/', '_'));
    for (Map.Entry<String, Object> e :
        (constructor == null ? Map.<String, Object>of() : constructor).entrySet()) {
      config = config.with(e.getKey(), e.getValue());
    }
    return Config.of(
        "module",
        op.module(),
        "class_name",
        op.className(),
        "config",
        config,
        "registered_name",
        op.className(),
        "name",
        name,
        "inbound_nodes",
        inbound);
  }

  private static Config identity(String name, List<Object> inbound) {
    return Config.of(
        "module",
        "keras.layers",
        "class_name",
        "Identity",
        "config",
        Config.of("name", name),
        "registered_name",
        null,
        "name",
        name,
        "inbound_nodes",
        inbound);
  }

  private static PublicOp find(String where, String name, String path, String function) {
    for (String candidate : new String[] {function, "nn." + function, "image." + function}) {
      for (PublicOp op : OpTable.all()) {
        if (op.function().equals(candidate) && op.className() != null) {
          return op;
        }
      }
    }
    throw refuse(where, name, path);
  }

  /** Arguments of TensorFlow's function by the names that Keras' op has. */
  private static Map<String, Object> bind(
      String where, String name, String path, PublicOp op, OldNodes.Call call) {
    Map<String, Object> bound = new LinkedHashMap<>();
    List<String> names = op.params().stream().map(PublicOp.Param::name).toList();
    List<String> operands =
        op.params().stream().filter(p -> !p.constructor()).map(PublicOp.Param::name).toList();
    if (operands.isEmpty()) {
      throw refuse(where, name, path);
    }
    bound.put(operands.get(0), call.first());
    for (String key : call.kwargs().keys()) {
      Object v = call.kwargs().get(key);
      if (key.equals("name")
          || v == null
          || Boolean.FALSE.equals(v) && key.startsWith("transpose_")) {
        continue;
      }
      String renamed = key;
      if (!names.contains(key)) {
        renamed = ARGUMENTS.getOrDefault(key, key);
      }
      if (renamed.equals("x2") && !names.contains("x2") && operands.size() > 1) {
        renamed = operands.get(1);
      }
      if (!names.contains(renamed)) {
        throw refuse(where, name, path + " with " + key + "=" + Config.text(v));
      }
      bound.put(renamed, renamed.equals("key") ? key(v) : v);
    }
    return bound;
  }

  /** Slices come as plain objects with start, stop and step. */
  private static Object key(Object v) {
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(key(e)));
      return out;
    }
    if (v instanceof Config c && c.has("start") && c.has("stop")) {
      return Config.of("class_name", "__slice__", "config", c);
    }
    return v;
  }

  private static UnsupportedFeatureException refuse(String where, String name, String what) {
    return new UnsupportedFeatureException(
        where
            + ": layer '"
            + name
            + "': expected a TensorFlow function that keras.ops has too. Received: "
            + what
            + ". Rebuild this part of the model with keras.ops");
  }
}
