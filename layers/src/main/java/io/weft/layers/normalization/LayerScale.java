package io.weft.layers.normalization;

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
 * {@code y = x · gamma} over the last axis, with small factors at first (Touvron et al. 2021). Part
 * of the ConvNeXt models of {@code keras.applications}.
 *
 * <p>Input: (..., projection_dim). Output: the same shape. Weights: {@code gamma} (projection_dim).
 */
public final class LayerScale extends UnaryLayer {
  public static final LayerType<LayerScale> TYPE =
      LayerType.internal(
          "keras.src.applications.convnext", "LayerScale", "LayerScale", LayerScale::new);

  private final double initValues;
  private final int projectionDim;
  private Variable gamma;

  /** Factors of so many channels, all {@code initValues} at first. */
  public LayerScale(double initValues, int projectionDim) {
    this(Config.of("init_values", initValues, "projection_dim", projectionDim));
  }

  /** Restores a layer from its config. */
  public LayerScale(Config config) {
    super(TYPE, config);
    initValues = args.number("init_values");
    projectionDim = args.positiveInt("projection_dim");
  }

  @Override
  protected void build(BuildContext b) {
    gamma = b.addWeight("gamma", Shape.of(projectionDim), new Constant(initValues));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return x.times(gamma.value());
  }
}
