package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.Tensor;

/**
 * A complex tensor as two real ones of one shape and dtype. Public functions that take or give
 * complex numbers use it; no op computes with it.
 */
public record Complex(Tensor real, Tensor imaginary) {
  public Complex {
    if (!real.spec().equals(imaginary.spec())) {
      throw new ShapeException(
          "complex: expected two tensors of one shape and dtype. Received: "
              + real.spec()
              + ", "
              + imaginary.spec());
    }
  }
}
