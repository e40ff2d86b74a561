package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A projection to quantiles of forecasts; as fusionlab's layer of this name. Nothing keeps a higher
 * quantile above a lower one.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, quantiles, output_dim)}. Masks
 * pass. Weights: kernel and bias of {@code proj (features, quantiles · output_dim)}.
 */
public final class QuantileHead extends UnaryLayer {
  public static final LayerType<QuantileHead> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "QuantileHead", QuantileHead::new)
          .inputs("features")
          .args("training");

  private final double[] quantiles;
  private final int outputDim;
  private final Dense proj;

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
    proj = track("proj", Parts.dense("quantile_head_dense", units, null, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    b.build(proj, b.input());
  }

  @Override
  public Tensor call(Tensor features, CallContext ctx) {
    Tensor y = proj.apply(features);
    int[] shape = Arrays.copyOf(y.shape().dims(), y.rank() + 1);
    shape[y.rank() - 1] = quantiles.length;
    shape[y.rank()] = outputDim;
    return Ops.reshape(y, shape);
  }
}
