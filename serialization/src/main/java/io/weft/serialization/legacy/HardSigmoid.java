package io.weft.serialization.legacy;

import io.weft.config.Config;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The hard sigmoid of Keras 1 and 2, clip(0.2·x + 0.5, 0, 1), which Keras 3 has no name for. Weft
 * calls it {@code keras2>hard_sigmoid} and writes it as a small model that Keras 3 reads; this
 * finds such models again.
 */
final class HardSigmoid {
  private static final String MODEL = "keras2_hard_sigmoid";

  private HardSigmoid() {}

  /** The activation by its name. */
  static Config function() {
    return Config.of(
        "module",
        "builtins",
        "class_name",
        "function",
        "config",
        "keras2>hard_sigmoid",
        "registered_name",
        "function");
  }

  /** The same value with written models as the activation again; what has none is not copied. */
  static Object back(Object v) {
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>(l.size());
      boolean changed = false;
      for (Object e : l) {
        Object made = back(e);
        changed |= made != e;
        out.add(made);
      }
      return changed ? out : v;
    }
    if (!(v instanceof Config c)) {
      return v;
    }
    if (c.get("config") instanceof Config inner && MODEL.equals(inner.get("name"))) {
      return function();
    }
    Map<String, Object> out = new LinkedHashMap<>();
    boolean changed = false;
    for (String key : c.keys()) {
      Object made = back(c.get(key));
      changed |= made != c.get(key);
      out.put(key, made);
    }
    return changed ? Config.copyOf(out) : v;
  }
}
