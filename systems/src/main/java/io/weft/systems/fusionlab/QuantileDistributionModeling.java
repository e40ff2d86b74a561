package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A projection of its own for each quantile; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, steps, features)}. Output: {@code (batch, steps, quantiles,
 * output_dim)}; with {@code quantiles} null one projection {@code (…, output_dim)} of an input of
 * any rank. {@code "auto"} is 0.1, 0.5, 0.9. Nothing orders the results of the original; with
 * {@code non_crossing=true} each is the one before plus the softplus of its projection, for
 * ascending quantiles. Weights: those of {@code output_layers}, or of {@code output_layer}.
 */
public final class QuantileDistributionModeling extends UnaryLayer {
  public static final LayerType<QuantileDistributionModeling> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS,
              "QuantileDistributionModeling",
              QuantileDistributionModeling::new)
          .args("training");

  private final boolean nonCrossing;
  private final List<Dense> quantileLayers;
  private final Dense outputLayer;

  /** A projection for each quantile, {@code null} for a single forecast. */
  public QuantileDistributionModeling(double[] quantiles, int outputDim) {
    this(Config.of("quantiles", quantiles, "output_dim", outputDim));
  }

  /** Restores a layer from its config. */
  public QuantileDistributionModeling(Config config) {
    super(TYPE, config);
    double[] quantiles = Quantiles.orNull(args, "quantiles", args.required("quantiles"));
    int outputDim = args.positiveInt("output_dim");
    nonCrossing = Parts.option(args, "non_crossing", false);
    List<Dense> all = new ArrayList<>();
    for (int i = 0; quantiles != null && i < quantiles.length; i++) {
      if (nonCrossing && i > 0 && quantiles[i] <= quantiles[i - 1]) {
        throw args.refuse("quantiles", "ascending numbers, for non_crossing");
      }
      all.add(Parts.dense(outputDim, null, policy()));
    }
    quantileLayers = quantiles == null ? List.of() : trackAll("output_layers", all);
    outputLayer =
        quantiles == null ? track("output_layer", Parts.dense(outputDim, null, policy())) : null;
    setInputSpec(quantiles == null ? InputSpec.minRank(2) : InputSpec.rank(3));
  }

  @Override
  protected void build(BuildContext b) {
    if (outputLayer != null) {
      b.build(outputLayer, b.input());
    }
    quantileLayers.forEach(l -> b.build(l, b.input()));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    if (outputLayer != null) {
      return outputLayer.apply(x);
    }
    List<Tensor> out = new ArrayList<>();
    for (Dense layer : quantileLayers) {
      Tensor y = layer.apply(x);
      out.add(nonCrossing && !out.isEmpty() ? out.get(out.size() - 1).plus(Ops.softplus(y)) : y);
    }
    return Ops.stack(out, 2);
  }

  public static Builder builder(int outputDim) {
    return new Builder(outputDim);
  }

  /** Optional settings of {@link QuantileDistributionModeling}. */
  public static final class Builder extends Layer.Builder<QuantileDistributionModeling, Builder> {
    private Builder(int outputDim) {
      set("output_dim", outputDim).set("quantiles", null);
    }

    /** The levels of the quantiles, in (0, 1); default none, which is a single forecast. */
    public Builder quantiles(double... levels) {
      return set("quantiles", levels);
    }

    /** Makes each quantile at least as great as the one before it. */
    public Builder nonCrossing() {
      return set("non_crossing", true);
    }

    @Override
    public QuantileDistributionModeling build() {
      return fromConfig(TYPE, config());
    }
  }
}
