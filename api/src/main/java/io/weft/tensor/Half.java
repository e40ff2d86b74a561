package io.weft.tensor;

/** Conversions of the 16-bit float types, rounding to nearest even. */
public final class Half {
  private Half() {}

  /** The value of 16 bits of IEEE binary16. */
  public static float float16ToFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exp = bits >>> 10 & 0x1f;
    int man = bits & 0x3ff;
    if (exp == 0) {
      float f = man * 0x1p-24f;
      return sign == 0 ? f : -f;
    }
    if (exp == 31) {
      return Float.intBitsToFloat(sign | 0x7f800000 | man << 13);
    }
    return Float.intBitsToFloat(sign | exp + 112 << 23 | man << 13);
  }

  /** The nearest binary16. */
  public static short floatToFloat16(float f) {
    int b = Float.floatToRawIntBits(f);
    int sign = b >>> 16 & 0x8000;
    int a = b & 0x7fffffff;
    if (a > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (a >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (a < 0x38800000) {
      // subnormal: adding 0.5 puts the last wanted bit at the last place of the float
      float v = Float.intBitsToFloat(a) + 0.5f;
      return (short) (sign | Float.floatToRawIntBits(v) - 0x3f000000);
    }
    int r = a - 0x38000000;
    r += 0xfff + (r >>> 13 & 1);
    return (short) (sign | r >>> 13);
  }

  /** The nearest binary16 of a double, rounded once. */
  public static short doubleToFloat16(double d) {
    return floatToFloat16(roundToOdd(d));
  }

  /** The value of 16 bits of bfloat16. */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16. */
  public static short floatToBfloat16(float f) {
    int b = Float.floatToRawIntBits(f);
    if ((b & 0x7fffffff) > 0x7f800000) {
      return (short) (b >>> 16 | 0x40);
    }
    return (short) (b + 0x7fff + (b >>> 16 & 1) >>> 16);
  }

  /** The nearest bfloat16 of a double, rounded once. */
  public static short doubleToBfloat16(double d) {
    return floatToBfloat16(roundToOdd(d));
  }

  /** A float whose last bit remembers inexactness, so that a second rounding is right. */
  private static float roundToOdd(double d) {
    float f = (float) d;
    if (f == d || Double.isNaN(d) || Float.isInfinite(f)) {
      return f;
    }
    int b = Float.floatToRawIntBits(f);
    if ((b & 1) == 0) {
      b += Math.abs((double) f) < Math.abs(d) ? 1 : -1;
    }
    return Float.intBitsToFloat(b);
  }
}
