package io.weft.ops;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Nested lists of numbers as tensors, as NumPy makes arrays of them. */
public final class Nested {
  private Nested() {}

  /** A tensor of a list of numbers, booleans, strings, tensors or such lists; all of one length. */
  public static Tensor tensor(List<?> list) {
    boolean tensors = list.stream().anyMatch(Tensor.class::isInstance);
    if (tensors) {
      List<Tensor> parts = new ArrayList<>();
      for (Object o : list) {
        parts.add(o instanceof Tensor t ? t : tensor(List.of(o)).reshape());
      }
      return Ops.stack(Ops.promoted(parts), 0);
    }
    Shape shape = shape(list);
    List<Object> flat = new ArrayList<>();
    flatten(list, flat, shape, 0);
    DType d = DType.BOOL;
    for (Object o : flat) {
      DType e = o instanceof String ? DType.STRING : Promotion.ofHost(o);
      d = e.compareTo(d) > 0 ? e : d;
    }
    if (flat.isEmpty()) {
      d = DType.FLOAT32;
    }
    HostArray a = HostArray.zeros(d, shape);
    for (int i = 0; i < flat.size(); i++) {
      Object o = flat.get(i);
      if (d == DType.STRING) {
        ((String[]) a.data())[i] = String.valueOf(o);
      } else if (o instanceof Double v) {
        a.set(i, (double) v);
      } else {
        a.set(i, o instanceof Boolean b ? (b ? 1L : 0L) : ((Number) o).longValue());
      }
    }
    return Tensor.ofTrusted(a);
  }

  /**
   * The tensor of a config value: a number, a boolean, a nested list of them, or the form in which
   * Keras stores arrays ({@code __tensor__}, {@code __numpy__}). Null for anything else.
   */
  public static Tensor ofConfig(Object v) {
    if (v instanceof Number || v instanceof Boolean) {
      return Promotion.convert(v, Promotion.ofHost(v));
    }
    if (v instanceof List<?> l) {
      return tensor(l);
    }
    if (v instanceof Config c
        && ("__tensor__".equals(c.get("class_name")) || "__numpy__".equals(c.get("class_name")))
        && c.get("config") instanceof Config inner
        && inner.get("dtype") instanceof String dtype) {
      Tensor t = ofConfig(inner.get("value"));
      return t == null ? null : Ops.cast(t, DType.of(dtype));
    }
    return null;
  }

  private static Shape shape(Object o) {
    if (!(o instanceof List<?> l)) {
      return Shape.SCALAR;
    }
    Shape inner = l.isEmpty() ? Shape.SCALAR : shape(l.get(0));
    return Shape.of(l.size()).plus(inner.dims());
  }

  private static void flatten(Object o, List<Object> flat, Shape shape, int depth) {
    if (o instanceof List<?> l) {
      if (depth >= shape.rank() || l.size() != shape.dim(depth)) {
        throw new ShapeException(
            "array: expected lists of one length at each depth. Received: " + o);
      }
      l.forEach(e -> flatten(e, flat, shape, depth + 1));
    } else if (o instanceof Number || o instanceof Boolean || o instanceof String) {
      if (depth != shape.rank()) {
        throw new ShapeException("array: expected numbers at one depth. Received: " + o);
      }
      flat.add(o);
    } else {
      throw new ShapeException("array: expected numbers. Received: " + o);
    }
  }
}
