package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Tensor;

/**
 * A projection to forecasts; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, output_dim)}. Masks pass.
 * Weights: kernel and bias of {@code proj}.
 */
public final class PointForecastHead extends UnaryLayer {
  public static final LayerType<PointForecastHead> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "PointForecastHead", PointForecastHead::new)
          .inputs("features")
          .args("training");

  private final Dense proj;

  /** A head for {@code outputDim} targets. */
  public PointForecastHead(int outputDim) {
    this(Config.of("output_dim", outputDim));
  }

  /** Restores a layer from its config. */
  public PointForecastHead(Config config) {
    super(TYPE, config);
    int outputDim = args.positiveInt("output_dim");
    proj = track("proj", Parts.dense("point_head_dense", outputDim, null, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    b.build(proj, b.input());
  }

  @Override
  public Tensor call(Tensor features, CallContext ctx) {
    return proj.apply(features);
  }
}
