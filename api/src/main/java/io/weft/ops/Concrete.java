package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;

/** Reads numbers for functions whose result's shape depends on them. */
final class Concrete {
  private Concrete() {}

  /** The numbers of a tensor that has them; others are refused. */
  static HostArray of(String function, Tensor x) {
    if (x instanceof ArrayTensor) {
      return x.toHostArray();
    }
    throw new UnsupportedFeatureException(
        function
            + ": the shape of its result depends on the numbers, so it cannot be part of a model's"
            + " graph. Call it on tensors with numbers.");
  }

  /**
   * Refuses positions outside [low, high) where they are known: all of them, or for a column that
   * is not negative that coordinate of each.
   */
  static void requireInside(String function, Tensor positions, int column, int low, int high) {
    if (!(positions instanceof ArrayTensor) || !positions.dtype().isInteger()) {
      return;
    }
    HostArray h = positions.toHostArray();
    int step = column < 0 ? 1 : positions.dim(-1);
    for (int i = Math.max(0, column); i < h.size(); i += step) {
      long p = h.longAt(i);
      if (p < low || p >= high) {
        throw new ShapeException(
            function + ": expected positions in [" + low + ", " + high + "). Received: " + p);
      }
    }
  }
}
