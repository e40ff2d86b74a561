package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Tensor;

/**
 * Applies an activation function, {@code relu} by default and none for null; as fusionlab's layer
 * of this name. In a registry its plain name means Keras' layer, so this one is found as {@code
 * fusionlab.nn.components>Activation}.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class Activation extends UnaryLayer {
  public static final LayerType<Activation> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "Activation", Activation::new).args("training");

  private final io.weft.layer.Activation activation;

  /** An activation by name, such as {@code relu}; null for none. */
  public Activation(String activation) {
    this(Config.of("activation", activation));
  }

  /** Restores a layer from its config. */
  public Activation(Config config) {
    super(TYPE, config);
    activation = activation("activation", "relu");
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return activation.apply(x);
  }
}
