package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * A complex tensor as two real ones of one shape and dtype. Public functions that take or give
 * complex numbers use it; few ops compute with it.
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

  /** A function of {@code keras.ops} of one complex number; few are supported. */
  Object apply(String function) {
    switch (function) {
      case "real":
        return real;
      case "imag":
        return imaginary;
      case "conj":
      case "conjugate":
        return new Complex(real, Ops.negative(imaginary));
      case "angle":
        return Ops.binary(BinaryFunction.ARCTAN2, imaginary, real);
      case "abs":
      case "absolute":
        return Ops.binary(BinaryFunction.HYPOT, real, imaginary);
      case "isreal":
        return Ops.equal(imaginary, 0);
      case "negative":
        return new Complex(Ops.negative(real), Ops.negative(imaginary));
      case "copy":
        return this;
      default:
        throw new UnsupportedFeatureException(
            function + ": complex numbers are not supported. Work on their two parts.");
    }
  }
}
