package io.weft.systems.core;

import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021): the first {@code dim} features of each head are turned, as
 * pairs {@code (i, i + dim/2)}, by {@code position / 10000^(2i/dim)}, so that scores depend on the
 * distance of query and key only.
 */
public final class Rotary {
  private Rotary() {}

  /**
   * Turns queries or keys.
   *
   * @param x (batch, T, heads, width)
   * @param positions T numbers
   * @param dim an even number, at most the width
   */
  public static Tensor rotate(Tensor x, int[] positions, int dim) {
    int width = x.dim(-1);
    if (dim % 2 != 0 || dim > width || positions.length != x.dim(1)) {
      throw new ShapeException(
          "rotary positions: expected an even number of features, at most "
              + width
              + ", and "
              + x.dim(1)
              + " positions. Received: "
              + dim
              + " features, "
              + positions.length
              + " positions.");
    }
    int half = dim / 2;
    double[] cos = new double[positions.length * dim];
    double[] sin = new double[positions.length * dim];
    for (int t = 0; t < positions.length; t++) {
      for (int i = 0; i < dim; i++) {
        double angle = positions[t] * Math.pow(10000, -2.0 * (i % half) / dim);
        cos[t * dim + i] = Math.cos(angle);
        sin[t * dim + i] = Math.sin(angle);
      }
    }
    Tensor c = Ops.cast(Tensor.of(cos, positions.length, 1, dim), x.dtype());
    Tensor s = Ops.cast(Tensor.of(sin, positions.length, 1, dim), x.dtype());
    Tensor first = features(x, 0, half);
    Tensor second = features(x, half, half);
    Tensor turned = features(x, 0, dim).times(c);
    turned = turned.plus(Ops.concatenate(List.of(second.negate(), first), -1).times(s));
    return dim == width
        ? turned
        : Ops.concatenate(List.of(turned, features(x, dim, width - dim)), -1);
  }

  private static Tensor features(Tensor x, int from, int count) {
    return Ops.slice(x, new int[] {0, 0, 0, from}, new int[] {x.dim(0), x.dim(1), x.dim(2), count});
  }
}
