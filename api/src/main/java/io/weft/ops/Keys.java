package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.Index;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Index arguments as they come from callers and files: integers, null (a new axis), tensors, lists
 * of integers, {@link Index}, and objects {@code {"slice": [start, stop, step]}} and {@code
 * {"ellipsis": true}}.
 */
final class Keys {
  private Keys() {}

  /** The places of a key; a list is a tuple of them. */
  static List<Index> indices(Object key, Tensor x) {
    List<Index> out = new ArrayList<>();
    if (key instanceof List<?> l) {
      for (Object k : l) {
        out.add(index(k, x));
      }
    } else {
      out.add(index(key, x));
    }
    return out;
  }

  private static Index index(Object k, Tensor x) {
    if (k == null) {
      return Index.newAxis();
    }
    if (k instanceof Index i) {
      return i;
    }
    if (k instanceof Long || k instanceof Integer) {
      return Index.at(number(k));
    }
    if (k instanceof Tensor t && t.dtype().isInteger()) {
      return Index.positions(t);
    }
    if (k instanceof List<?> l && !l.isEmpty()) {
      Tensor t = Nested.tensor(l);
      if (t.dtype() == DType.INT32) {
        return Index.positions(t);
      }
    }
    if (k instanceof Map<?, ?> m) {
      if (m.get("slice") instanceof List<?> s && s.size() == 3) {
        return Index.range(bound(s.get(0)), bound(s.get(1)), bound(s.get(2)));
      }
      if (m.containsKey("ellipsis")) {
        return Index.ellipsis();
      }
    }
    throw new ConfigException(
        "get_item: expected integers, slices, an ellipsis, new axes or integer tensors for "
            + x.shape()
            + ". Received: "
            + k);
  }

  private static Integer bound(Object o) {
    return o == null ? null : (Integer) number(o);
  }

  private static int number(Object o) {
    if (o instanceof Long || o instanceof Integer) {
      long v = ((Number) o).longValue();
      return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, v));
    }
    throw new ConfigException("get_item: expected an integer. Received: " + o);
  }
}
