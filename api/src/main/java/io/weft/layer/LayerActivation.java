package io.weft.layer;

import io.weft.config.Config;
import io.weft.tensor.Tensor;

/** A layer in the place of an activation function, such as {@code activation=LeakyReLU(0.1)}. */
record LayerActivation(Layer layer) implements Activation {
  @Override
  public Tensor apply(Tensor x) {
    return layer.apply(x);
  }

  @Override
  public Config getConfig() {
    return layer.getConfig();
  }

  @Override
  public Object serialized() {
    return layer.serialized();
  }
}
