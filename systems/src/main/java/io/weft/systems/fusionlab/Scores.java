package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Anomaly scores that a loss is given once: in a config, numbers in lists of lists. */
final class Scores {
  private static final String NUMBERS = "numbers in lists of one length on each level";

  private Scores() {}

  /** Scores as the value of a config. */
  static Object toConfig(Tensor scores) {
    return scores == null ? null : nest(scores.toDoubleArray(), scores.shape().dims(), 0, 0);
  }

  private static Object nest(double[] data, int[] dims, int axis, int offset) {
    if (axis == dims.length) {
      return data[offset];
    }
    int stride = 1;
    for (int i = axis + 1; i < dims.length; i++) {
      stride *= dims[i];
    }
    List<Object> l = new ArrayList<>();
    for (int i = 0; i < dims[axis]; i++) {
      l.add(nest(data, dims, axis + 1, offset + i * stride));
    }
    return l;
  }

  static Tensor required(Args args, String key) {
    Tensor t = orNull(args, key, args.required(key));
    if (t == null) {
      throw args.refuse(key, NUMBERS);
    }
    return t;
  }

  /** The scores that a value describes, or null. */
  static Tensor orNull(Args args, String key, Object v) {
    if (v == null) {
      return null;
    }
    List<Integer> dims = new ArrayList<>();
    for (Object o = v; o instanceof List<?> l; o = l.isEmpty() ? null : l.get(0)) {
      dims.add(l.size());
    }
    List<Double> data = new ArrayList<>();
    if (!collect(v, dims, 0, data)) {
      throw args.refuse(key, NUMBERS);
    }
    double[] numbers = data.stream().mapToDouble(d -> d).toArray();
    return Tensor.of(numbers, dims.stream().mapToInt(i -> i).toArray());
  }

  private static boolean collect(Object v, List<Integer> dims, int axis, List<Double> out) {
    if (axis == dims.size()) {
      out.add(v instanceof Number n ? n.doubleValue() : Double.valueOf(0));
      return v instanceof Number;
    }
    return v instanceof List<?> l
        && l.size() == dims.get(axis)
        && l.stream().allMatch(e -> collect(e, dims, axis + 1, out));
  }

  /** The scores in the dtype of what they are added to. */
  static Tensor like(Tensor scores, Tensor x) {
    return Ops.cast(scores, x.dtype());
  }
}
