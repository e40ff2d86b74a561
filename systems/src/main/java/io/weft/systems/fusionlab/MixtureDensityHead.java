package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A projection to a mixture of normal distributions per target (Bishop 1994); as fusionlab's layer
 * of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Outputs: a map of {@code weights} (a softmax over the
 * components, the same for each target), {@code means} and {@code scales = softplus(raw) +
 * min_scale}, each {@code (batch, …, num_components, output_dim)}; in flattening order means,
 * scales, weights. Weights: kernel and bias of {@code param_proj (features, K + 2·K·output_dim)}: K
 * logits, then means and raw scales of each component.
 *
 * @see CRPSLoss
 */
public final class MixtureDensityHead extends ForecastHead {
  public static final LayerType<MixtureDensityHead> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "MixtureDensityHead", MixtureDensityHead::new)
          .inputs("features")
          .args("training");

  private final int outputDim;
  private final int components;
  private final double minScale;

  /** A head of {@code numComponents} distributions for {@code outputDim} targets. */
  public MixtureDensityHead(int outputDim, int numComponents) {
    this(Config.of("output_dim", outputDim, "num_components", numComponents));
  }

  /** Restores a layer from its config. */
  public MixtureDensityHead(Config config) {
    super(TYPE, config);
    outputDim = args.positiveInt("output_dim");
    components = args.positiveInt("num_components");
    minScale = args.nonNegative("min_scale", 1e-4);
    int units = Math.multiplyExact(components, Math.addExact(1, Math.multiplyExact(2, outputDim)));
    project("param_proj", "mdn_dense", units);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor raw = projected(inputs.get(0));
    Tensor logits = raw.get(Index.ellipsis(), Index.range(0, components, null));
    Tensor rest = raw.get(Index.ellipsis(), Index.range(components, null, null));
    Tensor pairs = grouped(rest, components, 2, outputDim);
    Tensor means = pairs.get(Index.ellipsis(), Index.at(0), Index.all());
    Tensor scales =
        Ops.softplus(pairs.get(Index.ellipsis(), Index.at(1), Index.all())).plus(minScale);
    Tensor weights = Ops.expandDims(Ops.softmax(logits, -1), -1);
    return List.of(means, scales, Ops.broadcastTo(weights, Shape.of(means.shape().dims())));
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("weights", flat.get(2));
    map.put("means", flat.get(0));
    map.put("scales", flat.get(1));
    return map;
  }

  /**
   * The mean over samples and steps of {@code −Σ_o log Σ_k w_k·N(y_o; m_k, s_k)}: what the targets
   * cost under the mixtures.
   *
   * @param yTrue (batch, …, output_dim)
   * @param weights of this head
   * @param means of this head
   * @param scales of this head
   */
  public static Tensor nll(Tensor yTrue, Tensor weights, Tensor means, Tensor scales) {
    Tensor z = Ops.expandDims(yTrue, -2).minus(means).divide(scales);
    Tensor density =
        Ops.square(z).times(-0.5).minus(Ops.log(scales)).minus(0.5 * Math.log(2 * Math.PI));
    Tensor joint = Ops.log(weights.plus(1e-8)).plus(density);
    Tensor mixed = Ops.logsumexp(joint, new int[] {-2}, false);
    return Ops.negative(Ops.mean(Ops.sum(mixed, -1)));
  }
}
