package io.weft.tensor;

import io.weft.error.ConfigException;
import java.util.Locale;

/**
 * Element types. Half types are kept as their 16 bits and computed in float32; unsigned types are
 * kept in the signed Java type of the same width; booleans as bytes 0 and 1; strings live on the
 * host only. Complex types exist for describing files; no op computes with them.
 */
public enum DType {
  BOOL(Kind.BOOL, 1, byte[].class),
  UINT8(Kind.UNSIGNED, 1, byte[].class),
  UINT16(Kind.UNSIGNED, 2, short[].class),
  UINT32(Kind.UNSIGNED, 4, int[].class),
  UINT64(Kind.UNSIGNED, 8, long[].class),
  INT8(Kind.SIGNED, 1, byte[].class),
  INT16(Kind.SIGNED, 2, short[].class),
  INT32(Kind.SIGNED, 4, int[].class),
  INT64(Kind.SIGNED, 8, long[].class),
  BFLOAT16(Kind.FLOAT, 2, short[].class),
  FLOAT16(Kind.FLOAT, 2, short[].class),
  FLOAT32(Kind.FLOAT, 4, float[].class),
  FLOAT64(Kind.FLOAT, 8, double[].class),
  STRING(Kind.STRING, 0, String[].class);

  private enum Kind {
    BOOL,
    UNSIGNED,
    SIGNED,
    FLOAT,
    STRING
  }

  private final Kind kind;
  private final int bytes;
  private final Class<?> arrayType;
  private final String kerasName;

  DType(Kind kind, int bytes, Class<?> arrayType) {
    this.kind = kind;
    this.bytes = bytes;
    this.arrayType = arrayType;
    this.kerasName = name().toLowerCase(Locale.ROOT);
  }

  /** The name in Keras and NumPy, such as {@code float32}. */
  public String kerasName() {
    return kerasName;
  }

  /** Bytes of one element; 0 for strings. */
  public int bytes() {
    return bytes;
  }

  /** The Java array that holds values of this type, such as {@code float[].class}. */
  public Class<?> arrayType() {
    return arrayType;
  }

  public boolean isFloating() {
    return kind == Kind.FLOAT;
  }

  /** True for float16 and bfloat16. */
  public boolean isHalf() {
    return kind == Kind.FLOAT && bytes == 2;
  }

  /** True for signed and unsigned integers, not for bool. */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  public boolean isUnsigned() {
    return kind == Kind.UNSIGNED;
  }

  public boolean isBool() {
    return kind == Kind.BOOL;
  }

  /** The type of a Keras or NumPy name; {@code float}, {@code int}, {@code str} are aliases. */
  public static DType of(String name) {
    switch (String.valueOf(name)) {
      case "float":
        return FLOAT32;
      case "int":
        return INT64; // as the TensorFlow backend has it
      case "str":
        return STRING;
      default:
        for (DType d : values()) {
          if (d.kerasName.equals(name)) {
            return d;
          }
        }
        throw new ConfigException(
            "dtype: expected one of float16, bfloat16, float32, float64, int8 to int64, uint8 to"
                + " uint64, bool, string. Received: '"
                + name
                + "'");
    }
  }

  @Override
  public String toString() {
    return kerasName;
  }
}
