package io.weft.ops;

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
}
