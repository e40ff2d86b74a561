package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code keras.ops.pad}. */
final class PadOps {
  private PadOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "pad",
        "Pad",
        "x | pad_width, mode=\"constant\" | constant_values=None",
        a -> {
          Tensor x = a.tensor("x");
          Object value = a.isNull("constant_values") ? null : a.operand("constant_values");
          return pad(x, widths(a.raw("pad_width"), x.rank()), a.string("mode"), value);
        });
    return t.list();
  }

  /** One number for all sides, a pair for all axes, or a pair (or one number) for each axis. */
  private static int[][] widths(Object w, int rank) {
    if (w instanceof int[][] given) {
      return given;
    }
    Object v = w instanceof Tensor t ? lists(t) : w;
    if (v instanceof Number) {
      v = List.of(List.of(v, v));
    } else if (v instanceof List<?> l && !l.isEmpty() && l.get(0) instanceof Number) {
      v = List.of(l);
    }
    if (!(v instanceof List<?> pairs) || pairs.isEmpty()) {
      throw refuse(w);
    }
    if (pairs.size() != 1 && pairs.size() != rank) {
      throw new ShapeException(
          "pad: pad_width must have one entry or one per axis. Received: pad_width="
              + w
              + " for rank "
              + rank);
    }
    int[][] out = new int[rank][];
    for (int i = 0; i < rank; i++) {
      out[i] = pair(pairs.get(pairs.size() == 1 ? 0 : i), w);
    }
    return out;
  }

  private static int[] pair(Object p, Object whole) {
    if (p instanceof List<?> l && (l.size() == 1 || l.size() == 2)) {
      Object low = l.get(0);
      Object high = l.get(l.size() - 1);
      if (low instanceof Long a && high instanceof Long b && a >= 0 && b >= 0) {
        return new int[] {Math.toIntExact(a), Math.toIntExact(b)};
      }
    }
    throw refuse(whole);
  }

  private static Object lists(Tensor t) {
    long[] v = t.toLongArray();
    if (t.rank() != 2 || t.dim(1) != 2) {
      throw refuse(t);
    }
    return java.util.stream.IntStream.range(0, t.dim(0))
        .mapToObj(i -> List.of(v[2 * i], v[2 * i + 1]))
        .toList();
  }

  private static ConfigException refuse(Object w) {
    return new ConfigException(
        "pad: pad_width must be an integer or pairs of integers that are not negative. Received:"
            + " pad_width="
            + w);
  }

  private static Tensor pad(Tensor x, int[][] widths, String mode, Object value) {
    switch (mode.toLowerCase(Locale.ROOT)) {
      case "constant":
        return constant(x, widths, value == null ? (Object) 0L : value);
      case "reflect":
      case "symmetric":
        break;
      default:
        throw new ConfigException(
            "pad: mode must be 'constant', 'reflect' or 'symmetric'. Received: mode=" + mode);
    }
    if (value != null) {
      throw new ConfigException(
          "pad: constant_values is for mode='constant' only. Received: mode=" + mode);
    }
    Tensor y = x;
    for (int axis = 0; axis < widths.length; axis++) {
      y = mirrored(y, axis, widths[axis], mode.equalsIgnoreCase("reflect") ? 1 : 0);
    }
    return y;
  }

  private static Tensor constant(Tensor x, int[][] widths, Object value) {
    if (value instanceof Number n) {
      return Ops.pad(x, widths, n.doubleValue());
    }
    // 0 outside, and there the value
    Tensor inside = Ops.pad(Ops.ones(x.shape(), io.weft.tensor.DType.BOOL), widths, 0);
    return Ops.where(inside, Ops.pad(x, widths, 0), Promotion.convert(value, x.dtype()));
  }

  /** Mirrors at the border; the border element itself stands once (skip 1) or twice (skip 0). */
  private static Tensor mirrored(Tensor x, int axis, int[] width, int skip) {
    int n = x.dim(axis);
    if (Math.max(width[0], width[1]) > n - skip) {
      throw new ShapeException(
          "pad: expected widths of at most "
              + (n - skip)
              + " for axis "
              + axis
              + " of "
              + x.shape()
              + ". Received: "
              + Arrays.toString(width));
    }
    if (width[0] == 0 && width[1] == 0) {
      return x;
    }
    int[] from = new int[width[0] + n + width[1]];
    for (int i = 0; i < from.length; i++) {
      int p = i - width[0];
      p = p < 0 ? -p - 1 + skip : p;
      from[i] = p >= n ? 2 * n - 1 - p - skip : p;
    }
    return Ops.take(x, Tensor.of(from), axis);
  }
}
