package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A projection to one normal distribution per target; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Outputs: a map of {@code mean} and {@code scale =
 * softplus(raw) + min_scale}, each {@code (batch, …, output_dim)}, in this order. Weights: kernel
 * and bias of {@code proj (features, 2 · output_dim)}, the means before the raw scales.
 *
 * @see CRPSLoss
 */
public final class GaussianHead extends ForecastHead {
  public static final LayerType<GaussianHead> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "GaussianHead", GaussianHead::new)
          .inputs("features")
          .args("training");

  private final int outputDim;
  private final double minScale;

  /** A head for {@code outputDim} targets. */
  public GaussianHead(int outputDim) {
    this(Config.of("output_dim", outputDim));
  }

  /** Restores a layer from its config. */
  public GaussianHead(Config config) {
    super(TYPE, config);
    outputDim = args.positiveInt("output_dim");
    minScale = args.nonNegative("min_scale", 1e-4);
    int units = Math.multiplyExact(2, outputDim);
    project("proj", "gaussian_head_dense", units);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor y = projected(inputs.get(0));
    Tensor pairs = grouped(y, 2, outputDim);
    Tensor mean = pairs.get(Index.ellipsis(), Index.at(0), Index.all());
    Tensor raw = pairs.get(Index.ellipsis(), Index.at(1), Index.all());
    return List.of(mean, Ops.softplus(raw).plus(minScale));
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean", flat.get(0));
    map.put("scale", flat.get(1));
    return map;
  }

  /**
   * The mean of {@code log s + (y − m)² / (2s²) + ½ log 2π}: what the targets cost under the
   * distributions.
   *
   * @param yTrue (batch, …, output_dim)
   * @param mean of this head
   * @param scale of this head
   */
  public static Tensor nll(Tensor yTrue, Tensor mean, Tensor scale) {
    Tensor z = yTrue.minus(mean).divide(scale);
    Tensor cost = Ops.log(scale).plus(Ops.square(z).times(0.5));
    return Ops.mean(cost).plus(0.5 * Math.log(2 * Math.PI));
  }
}
