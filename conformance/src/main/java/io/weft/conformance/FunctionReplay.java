package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.losses.Loss;
import io.weft.metrics.MeanMetric;
import io.weft.metrics.Metric;
import io.weft.tensor.DType;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Functions of {@code keras.losses} and {@code keras.metrics}: what the loss or metric of that name
 * computes before it is reduced.
 */
final class FunctionReplay {
  private static final Set<String> BASE = Set.of("name", "dtype", "reduction");

  private FunctionReplay() {}

  /** Whether a name, without {@code keras.}, is one of these functions. */
  static boolean holds(String function) {
    return function.startsWith("losses.") || function.startsWith("metrics.");
  }

  /** The values for the arguments {@code y_true, y_pred, options…}. */
  static Tensor call(String function, List<Object> args, Map<String, Object> kwargs) {
    String name = function.substring(function.indexOf('.') + 1);
    Registry r = Registry.standard();
    // keras.metrics holds the functions of most losses too
    Entry<?> entry = r.find(Loss.class, name);
    boolean metric = entry == null;
    if (metric) {
      entry = r.find(Metric.class, name);
    }
    if (entry == null) {
      throw new Skip("keras." + function + " is not in this version");
    }
    List<Object> all = new ArrayList<>(args);
    for (String key : new String[] {"y_true", "y_pred"}) {
      if (kwargs.containsKey(key)) {
        all.add(kwargs.get(key));
      }
    }
    Tensor y = (Tensor) all.get(0);
    Tensor p = (Tensor) all.get(1);
    Config options = options(entry, all.subList(2, all.size()), kwargs);
    if (metric) {
      if (!(entry.create(options) instanceof MeanMetric m)) {
        throw new Skip("keras." + function + " is no mean of values in this version");
      }
      return m.values(y, p);
    }
    DType dtype = p.dtype().isFloating() ? p.dtype() : DType.FLOAT32;
    Config whole = options.with("reduction", null).with("dtype", dtype.kerasName());
    return ((Loss) entry.create(whole)).apply(y, p, null);
  }

  /** Further positional arguments are in the order of the config's keys. */
  private static Config options(Entry<?> entry, List<Object> rest, Map<String, Object> kwargs) {
    List<String> keys = new ArrayList<>(entry.create(Config.EMPTY).getConfig().asMap().keySet());
    keys.removeAll(BASE);
    Config c = Config.EMPTY;
    for (int i = 0; i < rest.size(); i++) {
      c = c.with(keys.get(i), rest.get(i));
    }
    for (Map.Entry<String, Object> e : kwargs.entrySet()) {
      if (!e.getKey().startsWith("y_")) {
        c = c.with(e.getKey(), e.getValue());
      }
    }
    return c;
  }
}
