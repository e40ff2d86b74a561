package io.weft.layer;

import io.weft.config.Configurable;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** Makes the first numbers of a weight. */
public interface Initializer extends Configurable {
  /** A tensor of the shape and dtype; called outside of captures. */
  Tensor create(Shape shape, DType dtype);
}
