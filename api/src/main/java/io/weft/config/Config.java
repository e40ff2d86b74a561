package io.weft.config;

import io.weft.error.ConfigException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An ordered, immutable map of configuration values: null, Boolean, Long, Double, String, List,
 * Config, or a live object that knows its config ({@link Configurable}). 1 and 1.0 stay apart.
 * Equality is by value and ignores the order of keys. Live objects become envelopes in {@link
 * #pure}.
 */
public final class Config {
  public static final Config EMPTY = new Config(new LinkedHashMap<>());

  private final Map<String, Object> map;

  private Config(LinkedHashMap<String, Object> map) {
    this.map = Collections.unmodifiableMap(map);
  }

  /** Keys and values in turn. */
  public static Config of(Object... keysAndValues) {
    LinkedHashMap<String, Object> m = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      m.put((String) keysAndValues[i], normal(keysAndValues[i + 1]));
    }
    return new Config(m);
  }

  /** A config with the entries of a map, in its order. */
  public static Config copyOf(Map<String, ?> map) {
    LinkedHashMap<String, Object> m = new LinkedHashMap<>();
    for (Map.Entry<String, ?> e : map.entrySet()) {
      m.put(e.getKey(), normal(e.getValue()));
    }
    return new Config(m);
  }

  /**
   * Brings a value to the kinds that a config holds: Integer to Long, arrays to lists, maps to
   * configs.
   */
  public static Object normal(Object v) {
    if (v instanceof Integer || v instanceof Short || v instanceof Byte) {
      return ((Number) v).longValue();
    }
    if (v instanceof Float) {
      return Double.parseDouble(v.toString());
    }
    if (v instanceof int[]) {
      List<Object> l = new ArrayList<>();
      for (int i : (int[]) v) {
        l.add((long) i);
      }
      return Collections.unmodifiableList(l);
    }
    if (v instanceof double[]) {
      List<Object> l = new ArrayList<>();
      for (double d : (double[]) v) {
        l.add(d);
      }
      return Collections.unmodifiableList(l);
    }
    if (v instanceof Object[]) {
      return normal(java.util.Arrays.asList((Object[]) v));
    }
    if (v instanceof List<?> list) {
      List<Object> l = new ArrayList<>(list.size());
      for (Object o : list) {
        l.add(normal(o));
      }
      return Collections.unmodifiableList(l);
    }
    if (v instanceof Map<?, ?> m) {
      LinkedHashMap<String, Object> c = new LinkedHashMap<>();
      m.forEach((k, o) -> c.put((String) k, normal(o)));
      return new Config(c);
    }
    if (v == null
        || v instanceof Boolean
        || v instanceof Long
        || v instanceof Double
        || v instanceof String
        || v instanceof Config
        || v instanceof Configurable) {
      return v;
    }
    throw new ConfigException(
        "Config: expected null, boolean, number, string, list, map or a configurable object."
            + " Received: "
            + v.getClass().getName());
  }

  public Set<String> keys() {
    return map.keySet();
  }

  public boolean has(String key) {
    return map.containsKey(key);
  }

  public boolean isEmpty() {
    return map.isEmpty();
  }

  public int size() {
    return map.size();
  }

  /** The value, or null where there is none. */
  public Object get(String key) {
    return map.get(key);
  }

  /** The string at a key, or null; another kind of value is refused. */
  public String string(String key) {
    return as(key, String.class);
  }

  /** The config at a key, or null; another kind of value is refused. */
  public Config config(String key) {
    return as(key, Config.class);
  }

  /** The list at a key, or null; another kind of value is refused. */
  @SuppressWarnings("unchecked")
  public List<Object> list(String key) {
    return as(key, List.class);
  }

  private <T> T as(String key, Class<T> type) {
    Object v = map.get(key);
    if (v != null && !type.isInstance(v)) {
      throw new ConfigException(
          key
              + ": expected a "
              + type.getSimpleName().toLowerCase(java.util.Locale.ROOT)
              + ". Received: "
              + text(v));
    }
    return type.cast(v);
  }

  /** A copy with one more or one changed entry; an existing key keeps its place. */
  public Config with(String key, Object value) {
    LinkedHashMap<String, Object> m = new LinkedHashMap<>(map);
    m.put(key, normal(value));
    return new Config(m);
  }

  /** A copy without some keys. */
  public Config without(String... keys) {
    LinkedHashMap<String, Object> m = new LinkedHashMap<>(map);
    for (String k : keys) {
      m.remove(k);
    }
    return new Config(m);
  }

  /** A copy with all entries of another config put over this one's. */
  public Config plus(Config other) {
    LinkedHashMap<String, Object> m = new LinkedHashMap<>(map);
    m.putAll(other.map);
    return new Config(m);
  }

  /** A read-only view as a map. */
  public Map<String, Object> asMap() {
    return map;
  }

  /** The same tree with every live object replaced by its envelope: what a file holds. */
  public Config pure() {
    return (Config) pure(this);
  }

  /** {@link #pure()} for any config value. */
  public static Object pure(Object v) {
    if (v instanceof Configurable c) {
      return pure(c.serialized());
    }
    if (v instanceof List<?> list) {
      List<Object> l = new ArrayList<>(list.size());
      for (Object o : list) {
        l.add(pure(o));
      }
      return Collections.unmodifiableList(l);
    }
    if (v instanceof Config c) {
      LinkedHashMap<String, Object> m = new LinkedHashMap<>();
      for (Map.Entry<String, Object> e : c.map.entrySet()) {
        m.put(e.getKey(), pure(e.getValue()));
      }
      return new Config(m);
    }
    return v;
  }

  /** The same tree with every live object replaced by a {@link Configurable#copy()} of it. */
  public static Object copied(Object v) {
    if (v instanceof Configurable c) {
      return c.copy();
    }
    if (v instanceof List<?> list) {
      return normal(list.stream().map(Config::copied).toList());
    }
    if (v instanceof Config c) {
      LinkedHashMap<String, Object> m = new LinkedHashMap<>();
      c.map.forEach((k, o) -> m.put(k, copied(o)));
      return new Config(m);
    }
    return v;
  }

  /** A value as short text for messages. */
  public static String text(Object v) {
    String s = String.valueOf(v instanceof String ? "'" + v + "'" : v);
    return s.length() > 200 ? s.substring(0, 200) + "…" : s;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Config && pure().map.equals(((Config) o).pure().map);
  }

  @Override
  public int hashCode() {
    return Objects.hash(map.keySet());
  }

  @Override
  public String toString() {
    return map.toString();
  }
}
