package io.weft.layer;

import io.weft.config.Configurable;
import io.weft.tensor.Tensor;

/** A function applied to a layer's result; written to configs by its plain name. */
public interface Activation extends Configurable {
  Tensor apply(Tensor x);

  /** True for the identity, which costs nothing. */
  default boolean isLinear() {
    return false;
  }
}
