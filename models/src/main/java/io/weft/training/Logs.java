package io.weft.training;

import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Figures by name; most are single numbers, some metrics give several. */
public final class Logs {
  private final Map<String, double[]> values = new LinkedHashMap<>();
  private Map<String, Tensor> unread = Map.of();

  public Logs() {}

  /** Figures of tensors, names sorted as Keras does. */
  static Logs of(Map<String, Tensor> results) {
    Logs l = new Logs();
    l.unread = new TreeMap<>(results);
    return l;
  }

  /** Numbers are fetched when somebody first looks, so that a step need not wait for them. */
  private Map<String, double[]> values() {
    if (!unread.isEmpty()) {
      unread.forEach((k, t) -> values.put(k, t.toDoubleArray()));
      unread = Map.of();
    }
    return values;
  }

  /** The number of a name; NaN where there is none. */
  public double get(String name) {
    double[] v = values().get(name);
    return v == null || v.length == 0 ? Double.NaN : v[0];
  }

  /** All numbers of a name, or null. */
  public double[] vector(String name) {
    double[] v = values().get(name);
    return v == null ? null : v.clone();
  }

  public boolean has(String name) {
    return values().containsKey(name);
  }

  public Set<String> names() {
    return values().keySet();
  }

  /** Adds a number; callbacks do so for later callbacks. */
  public void put(String name, double value) {
    values().put(name, new double[] {value});
  }

  void putAll(String prefix, Logs other) {
    other.values().forEach((k, v) -> values().put(prefix + k, v));
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder("{");
    values()
        .forEach(
            (k, v) ->
                s.append(s.length() > 1 ? ", " : "")
                    .append(k)
                    .append('=')
                    .append(v.length == 1 ? String.valueOf(v[0]) : java.util.Arrays.toString(v)));
    return s.append('}').toString();
  }
}
