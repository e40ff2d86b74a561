package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.losses.Losses;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link XTFT} and {@link SuperXTFT} share: the arguments, the parts, and the way from fused
 * features to the forecast.
 *
 * <pre>
 *   s = GRN(dropout([LN](act((static − μ)/σ·W + b))))                            (batch, hidden)
 *   E = positions(embeddings of past and future);  E += E·W + b                  (batch, T, 2·embed)
 *   L = LSTMs of several scales over the past, aggregated, at every step
 *   y = quantiles(decoders(aggregated window of the fused features))
 * </pre>
 *
 * <p>{@code layout="fusionlab-0.3"} and {@code "fusionlab-0.2"} are the models of those releases;
 * without the key it is that of 0.5. {@code defects=true} repeats what is wrong in the originals:
 * see the classes. The anomaly loss {@code w·mean(scores²)} is added with {@code
 * anomaly_detection_strategy="feature_based"}, which learns scores of the fused features, and with
 * {@code "from_config"}, which takes {@code anomaly_config.anomaly_scores (batch, horizon)}; with
 * {@code "prediction_based"} the {@link #defaultLoss} measures large errors once more. The
 * originals multiply the first two by the weight twice; so does {@code defects}.
 */
public abstract class ExtremeModel extends ForecastingModel {
  private final ExtremeSettings settings;
  private final Map<String, Layer> made = new LinkedHashMap<>();

  ExtremeModel(LayerType<?> type, Config config, boolean isSuper) {
    super(type, config);
    settings = new ExtremeSettings(args, policy(), isSuper);
    takes(settings.staticDim, settings.dynamicDim, settings.futureDim);
  }

  /** Makes the parts of these names in this order; those that the arguments do not ask for not. */
  final void make(List<String> names) {
    for (String name : names) {
      Layer layer = settings.make(name);
      if (layer != null) {
        made.put(name, part(name, layer));
      }
    }
  }

  @Override
  public Config getConfig() {
    return settings.release.noted(super.getConfig());
  }

  final boolean isLegacy() {
    return settings.release != Release.V05;
  }

  final boolean hasDefects() {
    return settings.defects;
  }

  final boolean isIntegrated() {
    return settings.integrated;
  }

  final Architecture architecture() {
    return settings.architecture;
  }

  /** Whether there is a part of this name. */
  final boolean has(String name) {
    return made.containsKey(name);
  }

  /** The part of this name. */
  final Layer at(String name) {
    return made.get(name);
  }

  // ---------------------------------------------------------------- the way of the data

  final Tensor staticFeatures(Tensor fixed) {
    Tensor s = at("static_dense").apply(at("learned_normalization").apply(fixed));
    for (String name : List.of("static_batch_norm", "static_dropout", "grn_static")) {
      s = has(name) ? at(name).apply(s) : s;
    }
    return s;
  }

  final Tensor embeddings(Tensor past, Tensor known) {
    Tensor e = at("multi_modal_embedding").apply(past, known);
    e = at("positional_encoding").apply(e);
    return has("residual_dense") ? e.plus(at("residual_dense").apply(e)) : e;
  }

  /** What the LSTMs made of the whole past, at every step. */
  final Tensor recurrent(Tensor past) {
    List<Tensor> out = at("multi_scale_lstm").applyAll(List.of(past), CallArgs.NONE);
    Tensor v =
        settings.multiScaleAgg == null
            ? out.get(0)
            : Aggregation.multiscale(out, settings.multiScaleAgg);
    return Parts.overTime(v, past.dim(1));
  }

  /**
   * The future, as long as the past: cut, or filled with zeros where it is shorter, which the
   * legacy models refuse.
   */
  final Tensor aligned(Tensor past, Tensor future) {
    return isLegacy()
        ? firstSteps(future, past.dim(1), "as many as the past has")
        : Sequences.align(past, future, "auto").aligned();
  }

  /**
   * Attention of a part, in which the steps that were filled with zeros are no keys. The originals
   * mask the queries of these steps in place of the keys.
   *
   * @param known how many steps of the future were given
   */
  final Tensor attend(String name, List<Tensor> inputs, int known) {
    int steps = inputs.get(0).dim(1);
    if (known >= steps) {
      return at(name).apply(inputs, CallArgs.NONE);
    }
    Tensor real = Ops.less(Ops.arange(steps), known);
    Tensor mask =
        settings.defects ? Ops.reshape(real, 1, 1, steps, 1) : Ops.reshape(real, 1, 1, 1, steps);
    return at(name).apply(inputs, CallArgs.of("attention_mask", mask));
  }

  /** The features {@code (batch, T, width)} from whose last steps the forecast is decoded. */
  abstract Tensor fused(Tensor fixed, Tensor past, Tensor future);

  /** What the decoders gave, made ready for the quantiles. */
  abstract Tensor refined(Tensor decoded);

  @Override
  final Tensor forecast(Tensor fixed, Tensor past, Tensor future, CallContext ctx) {
    Tensor features = fused(fixed, past, future);
    Tensor scores =
        has("anomaly_scorer")
            ? scores(features)
            : settings.givenScores == null ? null : Scores.like(settings.givenScores, features);
    if (scores != null) {
      double w =
          settings.defects
              ? settings.anomalyWeight * settings.anomalyWeight
              : settings.anomalyWeight;
      ctx.addLoss(Ops.mean(Ops.square(scores)).times(w));
    }
    Tensor window = at("dynamic_time_window").apply(features);
    Tensor decoded = at("multi_decoder").apply(Aggregation.timeWindow(window, settings.finalAgg));
    Tensor y = at("quantile_distribution_modeling").apply(refined(decoded));
    return y.rank() == 4 && y.dim(-1) == 1 ? Ops.squeeze(y, -1) : y;
  }

  private Tensor scores(Tensor features) {
    Tensor a = at("anomaly_attention").apply(features, features);
    return at("anomaly_scorer").apply(at("anomaly_projection").apply(a));
  }

  /**
   * The scores that a model with the strategy {@code feature_based} gives each step, {@code (batch,
   * T, 1)}.
   *
   * @throws IllegalStateException for a model with another strategy
   */
  public final Tensor anomalyScores(Tensor... inputs) {
    if (!has("anomaly_scorer")) {
      throw new IllegalStateException(
          label()
              + ": anomaly scores need anomaly_detection_strategy 'feature_based'. Received: "
              + settings.strategy);
    }
    Tensor[] in = checked(List.of(inputs));
    return scores(fused(in[0], in[1], in[2]));
  }

  @Override
  public final double[] quantiles() {
    return settings.quantiles == null ? null : settings.quantiles.clone();
  }

  /**
   * {@inheritDoc} With the strategy {@code prediction_based} it is fusionlab's {@code
   * prediction_based_loss}.
   */
  @Override
  public final Object defaultLoss() {
    return "prediction_based".equals(settings.strategy)
        ? Losses.of(
            "prediction_based_loss",
            "quantiles",
            settings.quantiles,
            "anomaly_loss_weight",
            settings.anomalyWeight)
        : super.defaultLoss();
  }
}
