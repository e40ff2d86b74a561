package io.weft.tensor;

import io.weft.error.ShapeException;
import java.lang.reflect.Array;

/**
 * Numbers in host memory as files and callers exchange them: a dtype, a shape and one Java array of
 * {@link DType#arrayType()}, row-major. The array is not copied; who hands it over gives it away.
 */
public record HostArray(DType dtype, Shape shape, Object data) {
  public HostArray {
    if (!dtype.arrayType().isInstance(data)) {
      throw new IllegalArgumentException(
          "HostArray: expected a "
              + dtype.arrayType().getSimpleName()
              + " for "
              + dtype
              + ". Received: "
              + (data == null ? "null" : data.getClass().getSimpleName()));
    }
    if (Array.getLength(data) != shape.size()) {
      throw new ShapeException(
          "HostArray: expected "
              + shape.size()
              + " elements for shape "
              + shape
              + ". Received: "
              + Array.getLength(data));
    }
  }

  /** A fresh array of zeros (empty strings are null). */
  public static HostArray zeros(DType dtype, Shape shape) {
    return new HostArray(
        dtype, shape, Array.newInstance(dtype.arrayType().getComponentType(), shape.intSize()));
  }

  public int size() {
    return Array.getLength(data);
  }

  /** One element as a double (bool as 0 or 1); 64-bit integers above 2^53 lose digits. */
  public double doubleAt(int i) {
    switch (dtype) {
      case FLOAT32:
        return ((float[]) data)[i];
      case FLOAT64:
        return ((double[]) data)[i];
      case FLOAT16:
        return Half.float16ToFloat(((short[]) data)[i]);
      case BFLOAT16:
        return Half.bfloat16ToFloat(((short[]) data)[i]);
      case UINT64:
        {
          long v = ((long[]) data)[i];
          return v >= 0 ? v : (v >>> 1 | v & 1) * 2.0;
        }
      default:
        return longAt(i);
    }
  }

  /** One element as a long; floats are truncated toward zero. */
  public long longAt(int i) {
    switch (dtype) {
      case BOOL:
      case INT8:
        return ((byte[]) data)[i];
      case UINT8:
        return ((byte[]) data)[i] & 0xff;
      case INT16:
        return ((short[]) data)[i];
      case UINT16:
        return ((short[]) data)[i] & 0xffff;
      case INT32:
        return ((int[]) data)[i];
      case UINT32:
        return ((int[]) data)[i] & 0xffffffffL;
      case INT64:
      case UINT64:
        return ((long[]) data)[i];
      case STRING:
        throw new IllegalStateException("HostArray: a string is not a number");
      default:
        return (long) doubleAt(i);
    }
  }

  /** Sets one element from a double, with the conversion of {@link #cast}. */
  public void set(int i, double v) {
    switch (dtype) {
      case FLOAT32:
        ((float[]) data)[i] = (float) v;
        break;
      case FLOAT64:
        ((double[]) data)[i] = v;
        break;
      case FLOAT16:
        ((short[]) data)[i] = Half.doubleToFloat16(v);
        break;
      case BFLOAT16:
        ((short[]) data)[i] = Half.doubleToBfloat16(v);
        break;
      case BOOL:
        ((byte[]) data)[i] = (byte) (v != 0 ? 1 : 0);
        break;
      default:
        set(i, whole(v, dtype));
    }
  }

  /**
   * A number cut toward zero, as bits of an integer dtype. What does not fit becomes what x86
   * processors make of it, and so TensorFlow: the least 32-bit integer (for the narrower dtypes its
   * low bits), or the least 64-bit integer.
   */
  public static long whole(double v, DType to) {
    if (to == DType.UINT64 && v >= 0x1p63) {
      return (long) (v - 0x1p63) ^ Long.MIN_VALUE;
    }
    boolean wide = to.bytes() == 8 || to == DType.UINT32;
    double bound = wide ? 0x1p63 : 0x1p31;
    return v > -bound - 1 && v < bound ? (long) v : wide ? Long.MIN_VALUE : Integer.MIN_VALUE;
  }

  /** Sets one element from a long; integers keep their low bits, bool is "not zero". */
  public void set(int i, long v) {
    switch (dtype) {
      case BOOL:
        ((byte[]) data)[i] = (byte) (v != 0 ? 1 : 0);
        break;
      case INT8:
      case UINT8:
        ((byte[]) data)[i] = (byte) v;
        break;
      case INT16:
      case UINT16:
        ((short[]) data)[i] = (short) v;
        break;
      case INT32:
      case UINT32:
        ((int[]) data)[i] = (int) v;
        break;
      case INT64:
      case UINT64:
        ((long[]) data)[i] = v;
        break;
      case STRING:
        throw new IllegalStateException("HostArray: a number is not a string");
      case FLOAT32:
        ((float[]) data)[i] = v;
        break;
      default:
        set(i, (double) v);
    }
  }

  /**
   * The same numbers as another dtype: floats to integers by {@link #whole}, to bool compare with
   * zero, to half types round to nearest even. Same dtype gives this object.
   */
  public HostArray cast(DType to) {
    if (to == dtype) {
      return this;
    }
    if (to == DType.STRING || dtype == DType.STRING) {
      throw new IllegalArgumentException("HostArray: no cast from " + dtype + " to " + to);
    }
    HostArray r = zeros(to, shape);
    int n = size();
    boolean integral = !dtype.isFloating() && !(dtype == DType.UINT64 && to.isFloating());
    for (int i = 0; i < n; i++) {
      if (integral) {
        r.set(i, longAt(i));
      } else {
        r.set(i, doubleAt(i));
      }
    }
    return r;
  }

  /** The same numbers in another shape of as many elements; shares the array. */
  public HostArray reshape(Shape to) {
    return new HostArray(dtype, to, data);
  }
}
