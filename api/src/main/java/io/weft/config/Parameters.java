package io.weft.config;

import io.weft.error.ConfigException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The parameters of an object as scikit-learn counts them: what its constructor declared, with the
 * present values. All of it follows from the declarations in {@link Args}. Immutable.
 */
public final class Parameters {
  private static final int ONE_LINE = 5;

  private final String className;
  private final String owner;
  private final Map<String, Object> defaults;
  private final Map<String, Object> values;

  /**
   * The parameters that a reader has seen, in the order of the constructor.
   *
   * @param hidden keys that are no parameters, such as those of every layer
   */
  public Parameters(String className, Args args, Set<String> hidden) {
    this.className = className;
    this.owner = className;
    this.defaults = new LinkedHashMap<>(args.declared());
    this.defaults.keySet().retainAll(args.noted().keys());
    this.defaults.keySet().removeAll(hidden);
    this.values = args.noted().asMap();
  }

  private Parameters(
      String className, String owner, Map<String, Object> defaults, Map<String, Object> values) {
    this.className = className;
    this.owner = owner;
    this.defaults = defaults;
    this.values = values;
  }

  /**
   * No parameters yet, of a class that inherits its constructor.
   *
   * @param owner the class that declares the constructor, which the signature names
   */
  public static Parameters inherited(String className, String owner) {
    return new Parameters(className, owner, Map.of(), Map.of());
  }

  /**
   * Like this, with one more parameter at the end of the signature, such as a name that counts as
   * one.
   */
  public Parameters withLast(String key, Object fallback, Object value) {
    Map<String, Object> d = new LinkedHashMap<>(defaults);
    d.put(key, Config.normal(fallback));
    Map<String, Object> v = new LinkedHashMap<>(values);
    v.put(key, Config.normal(value));
    return new Parameters(className, owner, d, v);
  }

  /** Names with defaults in the constructor's order, {@link Args#REQUIRED} where there is none. */
  public Map<String, Object> defaults() {
    return Collections.unmodifiableMap(defaults);
  }

  /** All names, sorted. */
  public List<String> names() {
    return defaults.keySet().stream().sorted().toList();
  }

  /**
   * Names and values, sorted; with {@code deep} the parameters of an inner object stand before it
   * as {@code name__inner}.
   */
  public Map<String, Object> values(boolean deep) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (String name : names()) {
      Object v = values.get(name);
      if (deep && v instanceof Learner l) {
        l.getParams(true).forEach((k, o) -> out.put(name + "__" + k, o));
      }
      out.put(name, v);
    }
    return out;
  }

  /** The constructor's signature: {@code Dense(units, activation=None)}. */
  public String signature() {
    List<String> parts = new ArrayList<>();
    defaults.forEach((k, d) -> parts.addAll(d == Args.REQUIRED ? List.of(k) : List.of()));
    defaults.forEach(
        (k, d) -> {
          if (d != Args.REQUIRED) {
            parts.add(k + "=" + Python.repr(d));
          }
        });
    return signature(owner, parts);
  }

  /** A signature in one line, or with more than five parts in one line for each. */
  public static String signature(String name, List<String> parts) {
    return parts.size() <= ONE_LINE
        ? name + "(" + String.join(", ", parts) + ")"
        : name + "(\n    " + String.join(",\n    ", parts) + "\n)";
  }

  /** One line for each parameter under the name of the class. */
  public String summary() {
    List<String> lines = new ArrayList<>();
    values(false).forEach((k, v) -> lines.add(k + ": " + Python.text(v)));
    return className + " Summary:\n" + String.join("\n", lines);
  }

  /** The signature, and each parameter with its default and its value. */
  public String help() {
    return "Help on " + className + ":\n\n" + signature() + "\n\nArguments:\n" + arguments();
  }

  /** One line for each parameter, in the constructor's order: its default and its value. */
  public String arguments() {
    StringBuilder s = new StringBuilder();
    defaults.forEach(
        (name, d) ->
            s.append("    ")
                .append(name)
                .append(d == Args.REQUIRED ? " (required)" : " (default " + Python.repr(d) + ")")
                .append(": ")
                .append(Python.repr(values.get(name)))
                .append('\n'));
    return s.toString();
  }

  /** The class with its parameters and those of inner objects: {@code AnomalyLoss(weight=2.0)}. */
  public String repr() {
    List<String> parts = new ArrayList<>();
    values(true).forEach((k, v) -> parts.add(k + "=" + Python.repr(v)));
    return className + "(" + String.join(", ", parts) + ")";
  }

  /**
   * The values with some replaced: {@code name} or {@code name__inner}, the latter in a copy of the
   * inner object.
   *
   * @throws ConfigException for a name that is none, with the names that are
   */
  public Map<String, Object> replaced(Map<String, ?> changes, Set<String> further) {
    Map<String, Object> out = new LinkedHashMap<>();
    Map<String, Map<String, Object>> inner = new TreeMap<>();
    changes.forEach(
        (k, v) -> {
          int cut = k.indexOf("__");
          String name = cut < 0 ? k : k.substring(0, cut);
          if (!defaults.containsKey(name) && !further.contains(name)) {
            throw new ConfigException(
                className
                    + ": expected parameters among "
                    + names()
                    + ". Received: '"
                    + name
                    + "'");
          }
          if (cut < 0) {
            out.put(name, v);
          } else {
            inner.computeIfAbsent(name, x -> new LinkedHashMap<>()).put(k.substring(cut + 2), v);
          }
        });
    inner.forEach(
        (name, c) -> {
          Object now = out.containsKey(name) ? out.get(name) : values.get(name);
          if (!(now instanceof Learner l)) {
            throw new ConfigException(
                className
                    + ": expected an object with parameters at '"
                    + name
                    + "'. Received: "
                    + Config.text(now));
          }
          out.put(name, l.setParams(c));
        });
    return out;
  }
}
