package io.weft.layer;

import io.weft.config.Configurable;
import io.weft.tensor.Tensor;

/** Brings a weight back into its allowed set after an optimizer step. */
public interface Constraint extends Configurable {
  Tensor apply(Tensor w);
}
