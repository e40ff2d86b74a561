package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One function of {@code keras.ops}: how it is called, how a model file names it, and what it
 * computes. The signature is Python's, with a bar between what a node's call carries and what the
 * op class's constructor takes: {@code "x | axis=None, keepdims=False"} (each further bar changes
 * sides again); {@code *operands} takes the rest of the positional arguments as a list, {@code
 * **lengths} the rest of the keyword arguments as a map. A default of nothing means required.
 */
public final class PublicOp {
  /** Computes a tensor, a list of tensors, or (host functions) numbers. */
  @FunctionalInterface
  public interface Body {
    Object apply(OpArgs args);
  }

  /** One argument; {@code fallback} is null with {@code required} false for None. */
  public record Param(
      String name,
      boolean required,
      Object fallback,
      boolean constructor,
      boolean rest,
      boolean keywords) {}

  private final String function;
  private final String module;
  private final String className;
  private final List<Param> params;
  private final Body body;

  private PublicOp(
      String function, String module, String className, List<Param> params, Body body) {
    this.function = function;
    this.module = module;
    this.className = className;
    this.params = List.copyOf(params);
    this.body = body;
  }

  /**
   * Declares an op.
   *
   * @param function name below {@code keras.ops.}, such as {@code mean} or {@code image.resize}
   * @param file the Keras source file that holds the class: numpy, nn, math, linalg, image, core;
   *     or a whole module path where it is not below {@code keras.src.ops}
   * @param className the op class, or null for functions that never become nodes
   */
  public static PublicOp of(
      String function, String file, String className, String signature, Body body) {
    String module = file.startsWith("keras.") ? file : "keras.src.ops." + file;
    return new PublicOp(function, module, className, parse(signature), body);
  }

  private static List<Param> parse(String signature) {
    List<Param> params = new ArrayList<>();
    boolean constructor = false;
    for (String half : signature.split("\\|", -1)) {
      for (String p : half.split(",(?![^(]*\\))")) {
        String[] kv = p.trim().split("=", 2);
        if (kv[0].isBlank()) {
          continue;
        }
        boolean keywords = kv[0].startsWith("**");
        boolean rest = !keywords && kv[0].startsWith("*");
        String name = kv[0].replace("*", "").trim();
        params.add(
            new Param(
                name,
                kv.length == 1 && !rest && !keywords,
                kv.length == 1 ? null : literal(kv[1].trim()),
                constructor,
                rest,
                keywords));
      }
      constructor = !constructor;
    }
    return params;
  }

  private static Object literal(String s) {
    switch (s) {
      case "None":
        return null;
      case "True":
        return true;
      case "False":
        return false;
      default:
        if (s.startsWith("\"")) {
          return s.substring(1, s.length() - 1);
        }
        if (s.startsWith("(")) {
          List<Object> l = new ArrayList<>();
          for (String e : s.substring(1, s.length() - 1).split(",")) {
            if (!e.isBlank()) {
              l.add(literal(e.trim()));
            }
          }
          return List.copyOf(l);
        }
        return s.matches("-?\\d+") ? (Object) Long.valueOf(s) : (Object) Double.valueOf(s);
    }
  }

  /** The name below {@code keras.ops.}. */
  public String function() {
    return function;
  }

  /** The Python module that a file names, such as {@code keras.src.ops.numpy}. */
  public String module() {
    return module;
  }

  /** The op class that a file names, such as {@code Mean}; null where there is none. */
  public String className() {
    return className;
  }

  public List<Param> params() {
    return params;
  }

  /** Binds positional and keyword arguments to names and fills in defaults. */
  public Map<String, Object> bind(List<?> positional, Map<String, ?> keyword) {
    Map<String, Object> bound = new LinkedHashMap<>();
    int at = 0;
    for (Param p : params) {
      if (p.rest()) {
        bound.put(
            p.name(),
            new ArrayList<Object>(
                positional.subList(Math.min(at, positional.size()), positional.size())));
        at = positional.size();
      } else if (p.keywords()) {
        Map<String, Object> others = new LinkedHashMap<>(keyword);
        params.forEach(q -> others.remove(q.name()));
        bound.put(p.name(), others);
      } else if (at < positional.size()) {
        if (keyword.containsKey(p.name())) {
          throw refuse("argument '" + p.name() + "' once", "it twice");
        }
        bound.put(p.name(), positional.get(at++));
      } else if (keyword.containsKey(p.name())) {
        bound.put(p.name(), keyword.get(p.name()));
      } else if (p.required()) {
        throw refuse("argument '" + p.name() + "'", "none");
      } else {
        bound.put(p.name(), p.fallback());
      }
    }
    if (at < positional.size()) {
      throw refuse("at most " + params.size() + " arguments", positional.size() + "");
    }
    for (String k : keyword.keySet()) {
      if (params.stream().noneMatch(p -> p.keywords() || p.name().equals(k))) {
        throw refuse("arguments " + params.stream().map(Param::name).toList(), "'" + k + "'");
      }
    }
    if (keyword.isEmpty()) {
      return bound;
    }
    for (Param p : params) {
      if (p.rest() && keyword.containsKey(p.name())) {
        bound.put(p.name(), keyword.get(p.name()));
      }
    }
    return bound;
  }

  private ConfigException refuse(String expected, String received) {
    return new ConfigException(function + ": expected " + expected + ". Received: " + received);
  }

  /** Computes the op for bound arguments: tensors, numbers, lists, strings. */
  public Object call(Map<String, Object> bound) {
    return body.apply(new OpArgs(function, bound));
  }

  /** The tensors among a result. */
  public static List<Tensor> tensors(Object result) {
    List<Tensor> out = new ArrayList<>();
    collect(result, out);
    return out;
  }

  private static void collect(Object o, List<Tensor> out) {
    if (o instanceof Tensor t) {
      out.add(t);
    } else if (o instanceof List<?> l) {
      l.forEach(e -> collect(e, out));
    } else if (o instanceof Complex c) {
      out.add(c.real());
      out.add(c.imaginary());
    } else if (o instanceof Map<?, ?> m) {
      m.values().forEach(e -> collect(e, out));
    }
  }
}
