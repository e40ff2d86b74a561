package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Calls in the list form of Keras 1 and 2 (keras-formats.md 2.4) as those of Keras 3: a record
 * {@code [layer, node, tensor, kwargs]} becomes a tensor reference, the arguments beside the first
 * one become keywords. Calls that have the new form already pass unchanged.
 */
final class OldNodes {
  private static final String CONSTANT = "_CONSTANT_VALUE";

  /** One call: the first argument with references in place, and the others by name. */
  record Call(Object first, boolean single, Config kwargs) {}

  private final String where;
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> base = new HashMap<>();
  private final Set<String> functional = new HashSet<>();

  OldNodes(String where, int generation, List<?> entries) {
    this.where = where;
    if (generation >= 3) {
      return; // calls have the new form already
    }
    Map<String, Integer> calls = new HashMap<>();
    for (Object o : entries) {
      if (o instanceof Config c && name(c) != null) {
        names.add(name(c));
        Object inbound = c.get("inbound_nodes");
        if (isModel(c)) {
          calls.put(name(c), inbound instanceof List<?> l ? l.size() : 0);
          if (!"Sequential".equals(c.get("class_name"))) {
            functional.add(name(c));
          }
        }
      }
    }
    countBases(entries, calls);
  }

  private static String name(Config c) {
    Object n = c.get("name");
    if (n == null && c.get("config") instanceof Config inner) {
      n = inner.get("name");
    }
    return n instanceof String s ? s : null;
  }

  private static boolean isModel(Config c) {
    return "Sequential".equals(c.get("class_name"))
        || c.get("config") instanceof Config inner && inner.has("output_layers");
  }

  /**
   * Calls of a nested model count from 1 where the model has a node of its own from its making, and
   * from 0 otherwise: an index of 0 that is referred to tells, and one that is beyond the calls.
   */
  private void countBases(List<?> entries, Map<String, Integer> calls) {
    Map<String, Integer> lowest = new HashMap<>();
    for (Object o : entries) {
      if (o instanceof Config c && c.get("inbound_nodes") instanceof List<?> l) {
        l.forEach(n -> lowestOf(n, lowest));
      }
    }
    calls.forEach((name, n) -> base.put(name, lowest.getOrDefault(name, 1) == 0 ? 0 : 1));
  }

  private void lowestOf(Object v, Map<String, Integer> lowest) {
    if (isReference(v)) {
      List<?> l = (List<?>) v;
      lowest.merge((String) l.get(0), ((Long) l.get(1)).intValue(), Math::min);
      if (l.size() > 3) {
        lowestOf(l.get(3), lowest);
      }
    } else if (v instanceof List<?> l) {
      l.forEach(e -> lowestOf(e, lowest));
    } else if (v instanceof Config c && !"__keras_tensor__".equals(c.get("class_name"))) {
      c.asMap().values().forEach(e -> lowestOf(e, lowest));
    }
  }

  private boolean isReference(Object v) {
    return v instanceof List<?> l
        && (l.size() == 3 || l.size() == 4 && l.get(3) instanceof Config)
        && l.get(0) instanceof String s
        && (names.contains(s) || s.equals(CONSTANT))
        && l.get(1) instanceof Long
        && (l.get(2) instanceof Long || s.equals(CONSTANT));
  }

  /** The calls of a layer; those of a recurrent one have their states behind the input. */
  List<Object> modern(List<?> calls, boolean recurrent) {
    List<Object> out = new ArrayList<>();
    for (Object o : calls) {
      if (o instanceof Config c && c.has("args")) {
        out.add(c);
        continue;
      }
      Call call = call(o);
      Object first = call.first;
      Config kwargs = call.kwargs;
      if (recurrent && first instanceof List<?> l && l.size() > 1) {
        kwargs = kwargs.with("initial_state", l.subList(1, l.size()));
        first = l.get(0);
      }
      out.add(Config.of("args", Collections.singletonList(first), "kwargs", kwargs));
    }
    return out;
  }

  /** A call in its parts. */
  Call call(Object node) {
    Map<String, Object> kwargs = new LinkedHashMap<>();
    boolean bare = isReference(node);
    Object first = argument(node, kwargs);
    boolean single = bare || first instanceof List<?> l && l.size() == 1;
    Object arg = !bare && single ? ((List<?>) first).get(0) : first;
    // K1 and K2 note absent optional arguments as null, which is the same as leaving them out
    kwargs.values().removeIf(v -> v == null);
    return new Call(arg, single, Config.copyOf(kwargs));
  }

  private Object argument(Object v, Map<String, Object> kwargs) {
    if (isReference(v)) {
      List<?> l = (List<?>) v;
      if (l.size() > 3) {
        ((Config) l.get(3)).asMap().forEach((k, x) -> kwargs.put(k, value(x)));
      }
      return l.get(0).equals(CONSTANT) ? l.get(2) : reference(l);
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(argument(e, kwargs)));
      return out;
    }
    if (v instanceof Config c) {
      Map<String, Object> out = new LinkedHashMap<>();
      c.asMap().forEach((k, e) -> out.put(k, argument(e, kwargs)));
      return Config.copyOf(out);
    }
    throw new ModelFormatException(
        where
            + ": inbound_nodes: expected [layer, node, tensor] of a layer of the model. Received: "
            + Config.text(v));
  }

  /** A keyword argument, with references wherever they stand. */
  private Object value(Object v) {
    if (isReference(v)) {
      List<?> l = (List<?>) v;
      return l.get(0).equals(CONSTANT) ? l.get(2) : reference(l);
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(value(e)));
      return out;
    }
    if (v instanceof Config c) {
      Map<String, Object> out = new LinkedHashMap<>();
      c.asMap().forEach((k, e) -> out.put(k, value(e)));
      return Config.copyOf(out);
    }
    return v;
  }

  private Config reference(List<?> l) {
    String name = (String) l.get(0);
    long node = (Long) l.get(1) - base.getOrDefault(name, 0);
    return Config.of(
        "class_name",
        "__keras_tensor__",
        "config",
        Config.of(
            "shape",
            List.of(),
            "dtype",
            "float32",
            "keras_history",
            List.of(name, node, l.get(2))));
  }

  /**
   * Calls of multi-head attention: before Keras 2.10 it did not hear the masks of its inputs,
   * though layers after it see the query's.
   */
  static List<Object> withoutMasks(List<Object> calls) {
    List<Object> out = new ArrayList<>();
    for (Object o : calls) {
      Config call = (Config) o;
      Config kwargs = call.config("kwargs");
      for (String mask : List.of("query_mask", "value_mask", "key_mask")) {
        kwargs = kwargs.with(mask, null);
      }
      out.add(call.with("kwargs", kwargs));
    }
    return out;
  }

  /** Inputs or outputs of a model; calls of nested functional models count from 1 there. */
  Object ends(Object v) {
    if (isReference(v)) {
      List<?> l = (List<?>) v;
      String name = (String) l.get(0);
      int shift = functional.contains(name) ? 1 : 0;
      return List.of(name, (Long) l.get(1) - base.getOrDefault(name, 0) + shift, l.get(2));
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(ends(e)));
      return out;
    }
    if (v instanceof Config c) {
      Map<String, Object> out = new LinkedHashMap<>();
      c.asMap().forEach((k, e) -> out.put(k, ends(e)));
      return Config.copyOf(out);
    }
    return v;
  }
}
