package io.weft.models;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.Operation;
import io.weft.ops.Nested;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Index;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Call arguments of nodes as config values (keras-formats.md 1.3) and back. */
final class NodeCodec {
  /** A tensor of a graph: which call of which operation, and which of its results. */
  record Reference(String layer, int node, int tensor) {}

  private final ModelGraph graph;

  NodeCodec(ModelGraph graph) {
    this.graph = graph;
  }

  // ---------------------------------------------------------------- writing

  Object encode(Object v) {
    if (v instanceof KerasTensor k) {
      KerasTensor t = (KerasTensor) k.identity();
      Operation o = ModelGraph.producer(t).operation();
      return Config.of(
          "class_name",
          "__keras_tensor__",
          "config",
          Config.of(
              "shape",
              sizes(t.shape()),
              "dtype",
              t.dtype().kerasName(),
              "keras_history",
              List.of(o.name(), (long) graph.nodeIndex(t), (long) t.index())));
    }
    if (v instanceof Tensor t) {
      return constant("__tensor__", t.toHostArray());
    }
    if (v instanceof HostArray a) {
      return constant("__numpy__", a);
    }
    if (v instanceof Index i) {
      return index(i);
    }
    if (v instanceof DType d) {
      return d.kerasName();
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(encode(e)));
      return out;
    }
    if (v instanceof Map<?, ?> m) {
      Map<String, Object> out = new LinkedHashMap<>();
      m.forEach((k, e) -> out.put((String) k, encode(e)));
      return Config.copyOf(out);
    }
    return v;
  }

  private Object index(Index i) {
    if (i instanceof Index.At at) {
      return (long) at.position();
    }
    if (i instanceof Index.Range r) {
      return Config.of(
          "class_name",
          "__slice__",
          "config",
          Config.of("start", r.start(), "stop", r.stop(), "step", r.step()));
    }
    if (i instanceof Index.Positions p) {
      return encode(p.tensor());
    }
    return i instanceof Index.Ellipsis
        ? Config.of("class_name", "__ellipsis__", "config", Config.EMPTY)
        : null;
  }

  private static List<Object> sizes(Shape s) {
    List<Object> l = new ArrayList<>();
    for (int d : s.dims()) {
      l.add(d < 0 ? null : (Object) (long) d);
    }
    return l;
  }

  private static Config constant(String className, HostArray a) {
    return Config.of(
        "class_name",
        className,
        "config",
        Config.of("value", nested(a, 0, new int[1]), "dtype", a.dtype().kerasName()));
  }

  private static Object nested(HostArray a, int axis, int[] at) {
    if (axis == a.shape().rank()) {
      int i = at[0]++;
      if (a.dtype() == DType.STRING) {
        return ((String[]) a.data())[i];
      }
      return a.dtype().isFloating()
          ? (Object) a.doubleAt(i)
          : a.dtype().isBool() ? (Object) (a.longAt(i) != 0) : (Object) a.longAt(i);
    }
    List<Object> l = new ArrayList<>();
    for (int i = 0; i < a.shape().dim(axis); i++) {
      l.add(nested(a, axis + 1, at));
    }
    return l;
  }

  /** Inputs or outputs of a model: the nest with each tensor as [name, node, tensor]. */
  Object references(Object nest) {
    if (nest instanceof KerasTensor k) {
      KerasTensor t = (KerasTensor) k.identity();
      Operation o = ModelGraph.producer(t).operation();
      int shift = o instanceof Functional ? 1 : 0;
      return List.of(o.name(), (long) graph.nodeIndex(t) + shift, (long) t.index());
    }
    if (nest instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(references(e)));
      return out;
    }
    Map<String, Object> out = new LinkedHashMap<>();
    ((Map<?, ?>) nest).forEach((k, e) -> out.put((String) k, references(e)));
    return Config.copyOf(out);
  }

  // ---------------------------------------------------------------- reading

  /** [name, node, tensor], or null for anything else. */
  static Reference reference(Object v) {
    if (v instanceof List<?> l
        && l.size() == 3
        && l.get(0) instanceof String s
        && l.get(1) instanceof Long n
        && l.get(2) instanceof Long t) {
      return new Reference(s, small(n), small(t));
    }
    return null;
  }

  private static int small(long n) {
    return n < 0 || n > 1_000_000 ? -1 : (int) n;
  }

  /** The reference of a __keras_tensor__, or null for anything else. */
  private static Reference kerasTensor(Object v) {
    return v instanceof Config c
            && "__keras_tensor__".equals(c.get("class_name"))
            && c.get("config") instanceof Config k
        ? reference(k.get("keras_history"))
        : null;
  }

  /** All tensors of the graph that a call refers to. */
  static List<Reference> referencesIn(Object v) {
    List<Reference> out = new ArrayList<>();
    collect(v, out);
    return out;
  }

  private static void collect(Object v, List<Reference> out) {
    Reference r = kerasTensor(v);
    if (r != null) {
      out.add(r);
    } else if (v instanceof List<?> l) {
      l.forEach(e -> collect(e, out));
    } else if (v instanceof Config c) {
      c.asMap().values().forEach(e -> collect(e, out));
    }
  }

  static Object decodeConstant(Object v) {
    return decode(
        v,
        r -> {
          throw new ConfigException(
              "an op's constructor takes no tensor of the graph. Received: " + r);
        });
  }

  static Object decode(Object v, Function<Reference, KerasTensor> tensors) {
    Reference r = kerasTensor(v);
    if (r != null) {
      return tensors.apply(r);
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(decode(e, tensors)));
      return out;
    }
    if (!(v instanceof Config c)) {
      return v;
    }
    if (!Registry.isEnvelope(c)) {
      Map<String, Object> out = new LinkedHashMap<>();
      c.asMap().forEach((k, e) -> out.put(k, decode(e, tensors)));
      return out;
    }
    Config inner = c.get("config") instanceof Config i ? i : Config.EMPTY;
    switch (c.string("class_name")) {
      case "__slice__":
        return Index.range(bound(inner, "start"), bound(inner, "stop"), bound(inner, "step"));
      case "__ellipsis__":
        return Index.ellipsis();
      case "__tensor__":
        return array(inner);
      case "__numpy__": // kept apart, so that it is written as it was
        return array(inner).toHostArray();
      case "__keras_tensor__":
        throw new ConfigException("a Keras tensor without a history cannot be connected");
      default:
        return c;
    }
  }

  private static Integer bound(Config c, String key) {
    Object v = c.get(key);
    if (v != null && !(v instanceof Long)) {
      throw new ConfigException("__slice__." + key + ": expected an integer. Received: " + v);
    }
    return v == null ? null : (Integer) Math.toIntExact((Long) v);
  }

  private static Tensor array(Config c) {
    Object value = c.get("value");
    DType d = DType.of(c.get("dtype") instanceof String s ? s : "float32");
    Tensor t = Nested.tensor(value instanceof List<?> l ? l : List.of(value));
    Tensor shaped = value instanceof List<?> ? t : Ops.reshape(t);
    return Ops.cast(shaped, d);
  }
}
