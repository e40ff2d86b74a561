package io.weft.initializers;

import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;

/**
 * Random numbers by the counter generator Philox 4×32-10 (Salmon et al., 2011): element i of an
 * array depends on the seed and i alone.
 */
final class Draws {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final double TO_UNIT = 1.0 / (1L << 53);

  /** A function of the element's number and the number of the attempt. */
  private interface Source {
    double at(long element, int attempt);
  }

  private final int key0;
  private final int key1;

  Draws(long seed) {
    key0 = (int) seed;
    key1 = (int) (seed >>> 32);
  }

  /** Two independent numbers in [0, 1) as the 53 upper bits of two longs. */
  private double[] pair(long element, int attempt) {
    int c0 = (int) element;
    int c1 = (int) (element >>> 32);
    int c2 = attempt;
    int c3 = 0;
    int k0 = key0;
    int k1 = key1;
    for (int r = 0; r < 10; r++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    long a = (long) c0 << 32 | (c1 & 0xFFFFFFFFL);
    long b = (long) c2 << 32 | (c3 & 0xFFFFFFFFL);
    return new double[] {(a >>> 11) * TO_UNIT, (b >>> 11) * TO_UNIT};
  }

  /** Evenly spread in [low, high). */
  HostArray uniform(Shape shape, DType dtype, double low, double high) {
    return fill(shape, dtype, (i, t) -> low + pair(i, t)[0] * (high - low));
  }

  /** Normal numbers by the method of Box and Muller. */
  HostArray normal(Shape shape, DType dtype, double mean, double stddev) {
    return fill(shape, dtype, (i, t) -> mean + stddev * standard(i, t));
  }

  /** Normal numbers drawn again where they are more than two deviations from the mean. */
  HostArray truncatedNormal(Shape shape, DType dtype, double mean, double stddev) {
    return fill(
        shape,
        dtype,
        (i, t) -> {
          double z = standard(i, t);
          for (int again = t + 1; Math.abs(z) > 2; again++) {
            z = standard(i, again);
          }
          return mean + stddev * z;
        });
  }

  private double standard(long element, int attempt) {
    double[] u = pair(element, attempt);
    return Math.sqrt(-2 * Math.log(1 - u[0])) * Math.cos(2 * Math.PI * u[1]);
  }

  private static HostArray fill(Shape shape, DType dtype, Source source) {
    HostArray a = HostArray.zeros(dtype, shape);
    for (int i = 0; i < a.size(); i++) {
      a.set(i, source.at(i, 0));
    }
    return a;
  }
}
