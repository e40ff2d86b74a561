package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Applies an activation function.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class Activation extends UnaryLayer {
  public static final LayerType<Activation> TYPE =
      LayerType.keras("Activation", Activation::new).builtAtOnce();

  private final io.weft.layer.Activation activation;

  /** An activation by name, such as {@code relu}. */
  public Activation(String activation) {
    this(Config.of("activation", activation));
  }

  /** An activation object. */
  public Activation(io.weft.layer.Activation activation) {
    this(Config.of("activation", activation));
  }

  /** Restores a layer from its config. */
  public Activation(Config config) {
    super(TYPE, config);
    if (!config.has("activation")) {
      throw args.refuse("activation", "the name of an activation");
    }
    activation = activation("activation", null);
    setSupportsMasking(true);
  }

  /** Keras states the input's shape for every activation, also where glu halves an axis. */
  @Override
  protected Shape statedShape(List<Shape> inputs, Shape inferred) {
    return inputs.get(0);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return activation.apply(x);
  }
}
