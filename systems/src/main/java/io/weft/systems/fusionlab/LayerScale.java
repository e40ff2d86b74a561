package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.initializers.Constant;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * Multiplies by one learned factor per feature that starts small (Touvron et al. 2021); as
 * fusionlab's layer of this name, whose original cannot be built.
 *
 * <p>Input: {@code (batch, …, features)}. Output: the same shape. Masks pass. Weights: {@code gamma
 * (features)}, all {@code init_value} at the start.
 */
public final class LayerScale extends UnaryLayer {
  public static final LayerType<LayerScale> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "LayerScale", LayerScale::new).args("training");

  private final double initValue;
  private Variable gamma;

  /** Factors that start at {@code initValue}. */
  public LayerScale(double initValue) {
    this(Config.of("init_value", initValue));
  }

  /** Restores a layer from its config. */
  public LayerScale(Config config) {
    super(TYPE, config);
    initValue = args.number("init_value", 1e-4);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    gamma =
        b.addWeight("gamma", Shape.of(b.known(0, -1)), new Constant(Config.of("value", initValue)));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return x.times(gamma.value());
  }
}
