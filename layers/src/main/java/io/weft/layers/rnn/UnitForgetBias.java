package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The bias of an LSTM that starts by remembering: ones for the forget gate, the rest from another
 * initializer (Jozefowicz et al., 2015). It has no name of its own in configs.
 */
record UnitForgetBias(Initializer rest) implements Initializer {
  @Override
  public Tensor create(Shape shape, DType dtype) {
    int units = shape.dim(0) / 4;
    return Ops.concatenate(
        List.of(
            rest.create(Shape.of(units), dtype),
            Ops.ones(Shape.of(units), dtype),
            rest.create(Shape.of(2 * units), dtype)),
        0);
  }

  @Override
  public Config getConfig() {
    return rest.getConfig();
  }

  @Override
  public Object serialized() {
    return rest.serialized();
  }
}
