package io.weft.regularizers;

import io.weft.config.Args;

/** Reading of the factors of penalties. */
final class Factors {
  private Factors() {}

  /** A finite number that is not negative; null stands for {@code whenNull}. */
  static double read(Args args, String key, double fallback, double whenNull) {
    Double d = args.numberOrNull(key, fallback);
    double v = d == null ? whenNull : d;
    if (!(v >= 0) || Double.isInfinite(v)) {
      throw args.refuse(key, "a finite number that is not negative");
    }
    args.note(key, v);
    return v;
  }

  /** The same as a float32, which is what Keras keeps of L1 factors. */
  static double readFloat(Args args, String key, double fallback) {
    double v = (float) read(args, key, fallback, fallback);
    args.note(key, v);
    return v;
  }
}
