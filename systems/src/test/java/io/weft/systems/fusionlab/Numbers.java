package io.weft.systems.fusionlab;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** The numbers of tensors, for comparison. */
final class Numbers {
  private Numbers() {}

  static float[] of(Tensor t) {
    return Ops.cast(t, DType.FLOAT32).toFloatArray();
  }
}
