package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A projection to forecasts; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, output_dim)}. Masks pass.
 * Weights: kernel and bias of {@code proj}.
 */
public final class PointForecastHead extends ForecastHead {
  public static final LayerType<PointForecastHead> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "PointForecastHead", PointForecastHead::new)
          .inputs("features")
          .args("training");

  /** A head for {@code outputDim} targets. */
  public PointForecastHead(int outputDim) {
    this(Config.of("output_dim", outputDim));
  }

  /** Restores a layer from its config. */
  public PointForecastHead(Config config) {
    super(TYPE, config);
    int outputDim = args.positiveInt("output_dim");
    project("proj", "point_head_dense", outputDim);
    setSupportsMasking(true);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return List.of(projected(inputs.get(0)));
  }
}
