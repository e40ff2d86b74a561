package io.weft.tensor;

import io.weft.error.ShapeException;

/**
 * Which dtype meets which (keras-layers.md 24.1; TensorFlow's 64-bit results are kept). Numbers of
 * the host language are weak: an int leaves any numeric dtype as it is, a double turns integers
 * into float32 only.
 */
public final class Promotion {
  private Promotion() {}

  /** The least dtype that both go to. */
  public static DType of(DType a, DType b) {
    if (a == b) {
      return a;
    }
    if (a == DType.STRING || b == DType.STRING) {
      throw new ShapeException("dtype: strings do not mix with numbers. Received: " + a + ", " + b);
    }
    if (a.isBool() || b.isBool()) {
      return a.isBool() ? b : a;
    }
    if (a.isFloating() && b.isFloating()) {
      if (a.isHalf() && b.isHalf()) {
        return DType.FLOAT32;
      }
      return a.compareTo(b) > 0 ? a : b;
    }
    if (a.isFloating() || b.isFloating()) {
      DType f = a.isFloating() ? a : b;
      return f;
    }
    if (a.isUnsigned() == b.isUnsigned()) {
      return a.bytes() > b.bytes() ? a : b;
    }
    DType u = a.isUnsigned() ? a : b;
    DType s = a.isUnsigned() ? b : a;
    if (s.bytes() > u.bytes()) {
      return s;
    }
    switch (u.bytes()) {
      case 1:
        return DType.INT16;
      case 2:
        return DType.INT32;
      case 4:
        return DType.INT64;
      default:
        return DType.FLOAT32;
    }
  }

  /** The dtype of an operation between a tensor's dtype and a host number. */
  public static DType withNumber(DType a, Number n) {
    boolean floating = n instanceof Double || n instanceof Float;
    if (a.isFloating() || (a.isInteger() && !floating)) {
      return a;
    }
    return floating ? DType.FLOAT32 : DType.INT32;
  }

  /** The dtype of a host value by itself: float32, int32 or bool. */
  public static DType ofHost(Object value) {
    if (value instanceof Boolean) {
      return DType.BOOL;
    }
    if (value instanceof Long v && v != v.intValue()) {
      return DType.INT64;
    }
    return value instanceof Double || value instanceof Float ? DType.FLOAT32 : DType.INT32;
  }

  /** Brings two operands (tensors, numbers or booleans) to one dtype. */
  public static Tensor[] pair(Object a, Object b) {
    DType d;
    if (a instanceof Tensor x && b instanceof Tensor y) {
      d = of(x.dtype(), y.dtype());
    } else if (a instanceof Tensor x) {
      d = withHost(x.dtype(), b);
    } else if (b instanceof Tensor y) {
      d = withHost(y.dtype(), a);
    } else {
      d = ofHost(a).compareTo(ofHost(b)) > 0 ? ofHost(a) : ofHost(b);
    }
    return new Tensor[] {convert(a, d), convert(b, d)};
  }

  private static DType withHost(DType a, Object b) {
    return b instanceof Boolean ? a : withNumber(a, (Number) b);
  }

  /** A tensor of a tensor, number or boolean, cast to a dtype. */
  public static Tensor convert(Object v, DType to) {
    if (v instanceof Tensor t) {
      return t.dtype() == to ? t : Ops.cast(t, to);
    }
    if (v instanceof Boolean b) {
      return Tensor.scalar(b ? 1 : 0, to);
    }
    if (v instanceof Long || v instanceof Integer) {
      HostArray a = HostArray.zeros(to, Shape.SCALAR);
      a.set(0, ((Number) v).longValue());
      return Tensor.ofTrusted(a);
    }
    return Tensor.scalar(((Number) v).doubleValue(), to);
  }
}
