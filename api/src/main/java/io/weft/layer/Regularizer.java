package io.weft.layer;

import io.weft.config.Configurable;
import io.weft.tensor.Tensor;

/** Turns a weight or an output into a scalar penalty. */
public interface Regularizer extends Configurable {
  Tensor apply(Tensor x);
}
