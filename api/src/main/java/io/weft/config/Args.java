package io.weft.config;

import io.weft.error.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Reads the arguments of one object from a config. Each call returns the typed value, refuses a bad
 * one by name, and notes it; the noted config, with defaults filled in and in reading order, is the
 * object's {@code getConfig()}. So a hyperparameter is said once and cannot be forgotten.
 */
public final class Args {
  /** What stands for the default of an argument that has none. */
  public static final Object REQUIRED =
      new Object() {
        @Override
        public String toString() {
          return "required";
        }
      };

  private final String who;
  private final Config given;
  private final Map<String, Object> noted = new LinkedHashMap<>();
  private final Set<String> read = new TreeSet<>();
  private final Map<String, Object> declared = new LinkedHashMap<>();

  /** A reader for the object that messages call {@code who}. */
  public Args(String who, Config given) {
    this.who = who;
    this.given = given;
  }

  /** The value as it is, or the default. */
  public Object any(String key, Object fallback) {
    read.add(key);
    declared.putIfAbsent(key, Config.normal(fallback));
    Object v = given.has(key) ? given.get(key) : Config.normal(fallback);
    noted.put(key, v);
    return v;
  }

  /** The value as it is, null too; refused where the caller gave none. */
  public Object required(String key) {
    declared.putIfAbsent(key, REQUIRED);
    if (!given.has(key)) {
      throw new ConfigException(who + ": " + key + " is required. Received: no value");
    }
    return any(key, null);
  }

  /** Replaces what {@link #noted} holds, for values that are settled or brought into form later. */
  public void note(String key, Object value) {
    noted.put(key, Config.normal(value));
  }

  /** Drops a noted key, for keys that Keras writes only when set. */
  public void forget(String key) {
    noted.remove(key);
  }

  /** What the caller gave. */
  public Config given() {
    return given;
  }

  /** Each argument that was asked for, with its default or {@link #REQUIRED}. */
  public Map<String, Object> declared() {
    return java.util.Collections.unmodifiableMap(declared);
  }

  /** Takes over how another reader declared an argument, where that one decides. */
  public void declareAs(String key, Args other) {
    declared.put(key, other.declared.get(key));
  }

  /** True if the caller gave a value (null counts). */
  public boolean has(String key) {
    return given.has(key);
  }

  // ---- integers

  public int integer(String key) {
    return asInt(key, required(key));
  }

  public int integer(String key, int fallback) {
    return asInt(key, any(key, fallback));
  }

  /** An integer or null. */
  public Integer integerOrNull(String key, Integer fallback) {
    Object v = any(key, fallback);
    return v == null ? null : (Integer) asInt(key, v);
  }

  public int positiveInt(String key) {
    return positive(key, integerOf(key, required(key)));
  }

  public int positiveInt(String key, int fallback) {
    return positive(key, integerOf(key, any(key, fallback)));
  }

  private int positive(String key, int value) {
    if (value <= 0) {
      throw refuse(key, "a positive integer");
    }
    return value;
  }

  private Integer integerOf(String key, Object v) {
    if (v instanceof Long l && l == l.intValue()) {
      return l.intValue();
    }
    throw refuse(key, "a positive integer");
  }

  private int asInt(String key, Object v) {
    if (v instanceof Long l && l == l.intValue()) {
      return l.intValue();
    }
    if (v instanceof Double d && d == d.intValue()) {
      return d.intValue();
    }
    throw refuse(key, "an integer");
  }

  private <T> T check(String key, T v, Predicate<T> ok, String expected) {
    if (!ok.test(v)) {
      throw refuse(key, expected);
    }
    return v;
  }

  /** A list of n integers; one integer stands for n equal ones. Noted as a list. */
  public int[] ints(String key, int n, Predicate<Integer> ok, String expected, Object fallback) {
    Object v = fallback == null && !given.has(key) ? required(key) : any(key, fallback);
    int[] out = new int[n];
    if (v instanceof List<?> l) {
      if (l.size() != n) {
        throw refuse(key, "an integer or a list of " + n + " integers");
      }
      for (int i = 0; i < n; i++) {
        out[i] = asInt(key, l.get(i));
      }
    } else {
      java.util.Arrays.fill(out, asInt(key, v));
    }
    for (int i : out) {
      if (!ok.test(i)) {
        throw refuse(key, expected);
      }
    }
    note(key, out);
    return out;
  }

  /** A list of positive integers of length n, or one integer for all. */
  public int[] positiveInts(String key, int n, Object fallback) {
    return ints(key, n, i -> i > 0, "positive integers", fallback);
  }

  /** A list of integers of any length, one integer as a list of one, or null; noted as given. */
  public int[] intListOrNull(String key, Object fallback) {
    Object v = any(key, fallback);
    if (v == null) {
      return null;
    }
    List<?> l = v instanceof List<?> list ? list : List.of(v);
    int[] out = new int[l.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = asInt(key, l.get(i));
    }
    return out;
  }

  // ---- other plain values

  public boolean bool(String key, boolean fallback) {
    Object v = any(key, fallback);
    if (v instanceof Boolean b) {
      return b;
    }
    throw refuse(key, "true or false");
  }

  public double number(String key) {
    return asNumber(key, required(key));
  }

  public double number(String key, double fallback) {
    return asNumber(key, any(key, fallback));
  }

  /** A number that is not negative. */
  public double nonNegative(String key, double fallback) {
    return check(key, number(key, fallback), d -> d >= 0, "a number that is not negative");
  }

  public Double numberOrNull(String key, Double fallback) {
    Object v = any(key, fallback);
    return v == null ? null : (Double) asNumber(key, v);
  }

  private double asNumber(String key, Object v) {
    if (v instanceof Number n) {
      return n.doubleValue();
    }
    throw refuse(key, "a number");
  }

  /** A number in [0, 1). */
  public double fraction(String key, double fallback) {
    return check(key, number(key, fallback), d -> d >= 0 && d < 1, "a number in [0, 1)");
  }

  /** A number in [0, 1]. */
  public double rate(String key) {
    return check(key, number(key), d -> d >= 0 && d <= 1, "a number in [0, 1]");
  }

  public String string(String key, String fallback) {
    Object v = any(key, fallback);
    if (v instanceof String s) {
      return s;
    }
    throw refuse(key, "a string");
  }

  public String stringOrNull(String key, String fallback) {
    return any(key, fallback) == null ? null : string(key, fallback);
  }

  /** One of a few strings. */
  public String oneOf(String key, String fallback, String... allowed) {
    Object v = any(key, fallback);
    for (String a : allowed) {
      if (a.equals(v)) {
        return a;
      }
    }
    throw refuse(key, "one of " + List.of(allowed));
  }

  // ---- objects

  /**
   * An object of a kind: live, or by its plain name, or by an envelope (restored with the standard
   * registry). The default is a name.
   */
  public <T extends Configurable> T object(String key, Class<T> kind, String fallback) {
    T t = objectOrNull(key, kind, fallback);
    if (t == null) {
      throw refuse(key, "a " + kind.getSimpleName());
    }
    return t;
  }

  /** An object, or null. */
  public <T extends Configurable> T objectOrNull(String key, Class<T> kind, String fallback) {
    T t = resolve(key, any(key, fallback), kind);
    noted.put(key, t);
    return t;
  }

  /** A config value as an object: live, by its plain name, or by an envelope. */
  public <T extends Configurable> T asObject(String key, Object value, Class<T> kind) {
    T t = resolve(key, value, kind);
    if (t == null) {
      throw refuse(key, "a " + kind.getSimpleName());
    }
    return t;
  }

  /** A list of objects. */
  public <T extends Configurable> List<T> objects(String key, Class<T> kind) {
    Object v = required(key);
    if (!(v instanceof List<?> l)) {
      throw refuse(key, "a list of " + kind.getSimpleName() + "s");
    }
    List<T> out = new ArrayList<>();
    for (Object o : l) {
      out.add(asObject(key, o, kind));
    }
    noted.put(key, List.copyOf(out));
    return out;
  }

  private <T> T resolve(String key, Object v, Class<T> kind) {
    if (v == null || kind.isInstance(v)) {
      return kind.cast(v);
    }
    try {
      if (v instanceof String s) {
        return Registry.standard().named(kind, s);
      }
      if (Registry.isEnvelope(v)) {
        Object o = Registry.standard().restore(v, key);
        return resolve(key, o instanceof Config ? null : o, kind);
      }
    } catch (ConfigException e) {
      throw new ConfigException(who + ": " + key + ": " + e.getMessage(), e);
    }
    throw refuse(key, "a " + kind.getSimpleName());
  }

  // ---- ending

  /** A refusal of the value at a key. */
  public ConfigException refuse(String key, String expected) {
    Object v = given.has(key) ? given.get(key) : noted.get(key);
    return new ConfigException(
        who + ": " + key + " must be " + expected + ". Received: " + key + "=" + Config.text(v));
  }

  /** Refuses keys that nobody read. */
  public void finish() {
    for (String k : given.keys()) {
      if (!read.contains(k)) {
        throw new ConfigException(
            who + ": unknown argument '" + k + "'. Expected some of " + read + ".");
      }
    }
  }

  /** Everything read, defaults filled in, in reading order. */
  public Config noted() {
    return Config.copyOf(noted);
  }
}
