package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A projection to quantiles of forecasts; as fusionlab's layer of this name. Nothing keeps a higher
 * quantile above a lower one.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, quantiles, output_dim)}. Masks
 * pass. Weights: kernel and bias of {@code proj (features, quantiles · output_dim)}.
 */
public final class QuantileHead extends ForecastHead {
  public static final LayerType<QuantileHead> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "QuantileHead", QuantileHead::new)
          .inputs("features")
          .args("training");

  private final double[] quantiles;
  private final int outputDim;

  /** A head for these quantiles, each in (0, 1), of {@code outputDim} targets. */
  public QuantileHead(List<Double> quantiles, int outputDim) {
    this(Config.of("quantiles", quantiles, "output_dim", outputDim));
  }

  /** Restores a layer from its config. */
  public QuantileHead(Config config) {
    super(TYPE, config);
    quantiles = Quantiles.required(args, "quantiles");
    outputDim = args.positiveInt("output_dim");
    int units = Math.multiplyExact(quantiles.length, outputDim);
    project("proj", "quantile_head_dense", units);
    setSupportsMasking(true);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return List.of(grouped(projected(inputs.get(0)), quantiles.length, outputDim));
  }
}
