package io.weft.systems.transformer;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** The positions of Vaswani et al. (2017), 3.5: even features are sines, odd ones cosines. */
public final class Sinusoid {
  private Sinusoid() {}

  /**
   * {@code sin(t / 10000^(2i/dim))} and the cosine, for positions {@code first} and following.
   *
   * @return (count, dim)
   */
  public static Tensor table(int first, int count, int dim, DType dtype) {
    double[] t = new double[count * dim];
    for (int p = 0; p < count; p++) {
      for (int i = 0; i < dim; i++) {
        double angle = (first + p) / Math.pow(10000, (double) (i - i % 2) / dim);
        t[p * dim + i] = i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
    return Ops.cast(Tensor.of(t, count, dim), dtype);
  }
}
