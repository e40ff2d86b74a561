package io.weft.layer;

import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Nests of lists and maps, as Keras' {@code tree}: lists in order, maps by sorted key, everything
 * else is a leaf.
 */
public final class Structure {
  private Structure() {}

  /** All leaves in flattening order, nulls included. */
  public static List<Object> leaves(Object nest) {
    List<Object> out = new ArrayList<>();
    collect(nest, out);
    return out;
  }

  private static void collect(Object nest, List<Object> out) {
    if (nest instanceof List<?> l) {
      for (Object e : l) {
        collect(e, out);
      }
    } else if (nest instanceof Map<?, ?> m) {
      for (Object e : new TreeMap<Object, Object>(m).values()) {
        collect(e, out);
      }
    } else {
      out.add(nest);
    }
  }

  /** The leaves that are tensors. */
  public static List<Tensor> tensors(Object nest) {
    List<Tensor> out = new ArrayList<>();
    for (Object o : leaves(nest)) {
      if (o instanceof Tensor t) {
        out.add(t);
      }
    }
    return out;
  }

  /** The same nest with each leaf replaced, in flattening order; maps keep their order of keys. */
  public static Object map(Object nest, UnaryOperator<Object> f) {
    if (nest instanceof List<?> l) {
      List<Object> out = new ArrayList<>(l.size());
      l.forEach(e -> out.add(map(e, f)));
      return out;
    }
    if (nest instanceof Map<?, ?> m) {
      Map<Object, Object> mapped = new TreeMap<>();
      new TreeMap<Object, Object>(m).forEach((k, e) -> mapped.put(k, map(e, f)));
      Map<Object, Object> out = new LinkedHashMap<>();
      m.keySet().forEach(k -> out.put(k, mapped.get(k)));
      return out;
    }
    return f.apply(nest);
  }

  /** The same nest with the leaves, in flattening order, taken from a list. */
  public static Object pack(Object nest, List<?> leaves) {
    Iterator<?> it = leaves.iterator();
    return pack(nest, it);
  }

  private static Object pack(Object nest, Iterator<?> it) {
    if (nest instanceof List<?> l) {
      List<Object> out = new ArrayList<>(l.size());
      l.forEach(e -> out.add(pack(e, it)));
      return out;
    }
    if (nest instanceof Map<?, ?> m) {
      Map<Object, Object> packed = new TreeMap<>();
      new TreeMap<Object, Object>(m).forEach((k, e) -> packed.put(k, pack(e, it)));
      Map<Object, Object> out = new LinkedHashMap<>();
      m.keySet().forEach(k -> out.put(k, packed.get(k)));
      return out;
    }
    return it.next();
  }
}
