package io.weft.ops;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Result dtypes as the TensorFlow backend of Keras decides them. Operands are tensors, booleans
 * (strong) or numbers (weak); unlike {@link Promotion} a result is never uint64.
 */
final class Dtypes {
  private static final Double WEAK_FLOAT = 0.0;

  private Dtypes() {}

  /** The dtype that all operands go to. */
  static DType result(Object... operands) {
    DType strong = null;
    Number weak = null;
    for (Object o : operands) {
      if (o instanceof Number n) {
        weak = weak instanceof Double ? weak : n;
      } else {
        DType d = o instanceof Tensor t ? t.dtype() : o instanceof DType e ? e : DType.BOOL;
        strong = strong == null ? d : Promotion.of(strong, d);
      }
    }
    DType d =
        strong == null
            ? Promotion.ofHost(weak)
            : weak == null ? strong : Promotion.withNumber(strong, weak);
    return d == DType.UINT64 ? DType.UINT32 : d;
  }

  /** The floating dtype that all operands go to; float32 if none is floating. */
  static DType floating(Object... operands) {
    Object[] all = java.util.Arrays.copyOf(operands, operands.length + 1);
    all[operands.length] = WEAK_FLOAT;
    return result(all);
  }

  /** The dtype by NumPy's rules, where wide integers turn float32 into float64. */
  static DType numpyResult(Object... operands) {
    DType strong = null;
    boolean weakFloat = false;
    for (Object o : operands) {
      weakFloat |= o instanceof Double;
      if (o instanceof Tensor t) {
        strong = strong == null ? t.dtype() : numpyPair(strong, t.dtype());
      }
    }
    return strong == null || (weakFloat && !strong.isFloating()) ? DType.FLOAT64 : strong;
  }

  private static DType numpyPair(DType a, DType b) {
    DType d = Promotion.of(a, b);
    DType whole = a.isInteger() ? a : b;
    if (!d.isFloating() || !whole.isInteger() || whole.bytes() == 1) {
      return d;
    }
    if (whole.bytes() == 2) {
      return d == DType.FLOAT16 ? DType.FLOAT32 : d;
    }
    return DType.FLOAT64;
  }

  /** Floats as they are, 64-bit integers as float64, all others as float32. */
  static DType wide(DType d) {
    return d.isFloating() ? d : d == DType.INT64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** Both operands in the dtype they go to. */
  static Tensor[] pair(Object a, Object b) {
    DType d = result(a, b);
    return new Tensor[] {Promotion.convert(a, d), Promotion.convert(b, d)};
  }

  /** Both operands in the floating dtype they go to. */
  static Tensor[] floatPair(Object a, Object b) {
    DType d = floating(a, b);
    return new Tensor[] {Promotion.convert(a, d), Promotion.convert(b, d)};
  }

  /** All in the dtype they go to; those that agree stay as they are. */
  static List<Tensor> all(List<Tensor> xs) {
    boolean same = xs.stream().allMatch(x -> x.dtype() == xs.get(0).dtype());
    DType d = same ? xs.get(0).dtype() : result(xs.toArray());
    return xs.stream().map(x -> Ops.cast(x, d)).toList();
  }

  /** Booleans as int32, others unchanged. */
  static Tensor noBool(Tensor x) {
    return x.dtype().isBool() ? Ops.cast(x, DType.INT32) : x;
  }
}
