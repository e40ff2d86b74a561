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
  private static final String ANOMALY = "anomaly_config";

  private final double[] quantiles;
  private final String multiScaleAgg;
  private final String finalAgg;
  private final String strategy;
  private final double anomalyWeight;
  private final Tensor givenScores;
  private final Map<String, Layer> made = new LinkedHashMap<>();
  private final ExtremeParts factory;
  private final Architecture architecture;
  private final String fusionMode;
  private final Release release;
  private final boolean defects;

  /** Reads the arguments in the originals' order. */
  ExtremeModel(LayerType<?> type, Config config, String scaleAgg, double anomalyLossWeight) {
    super(type, config);
    boolean isSuper = this instanceof SuperXTFT;
    int staticDim = args.positiveInt("static_input_dim");
    int dynamicDim = args.positiveInt("dynamic_input_dim");
    int futureDim = args.positiveInt("future_input_dim");
    int embed = args.positiveInt("embed_dim", 32);
    int horizon = args.positiveInt("forecast_horizon", 1);
    quantiles = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    int window = args.positiveInt("max_window_size", 10);
    int memory = args.positiveInt("memory_size", 100);
    int heads = args.positiveInt("num_heads", 4);
    double rate = args.fraction("dropout_rate", 0.1);
    int outputs = args.positiveInt("output_dim", 1);
    int attention = args.positiveInt("attention_units", 32);
    int hidden = args.positiveInt("hidden_units", 64);
    int lstm = args.positiveInt("lstm_units", 64);
    int[] scales = Parts.scales(args, "scales");
    multiScaleAgg =
        Parts.oneOfOrNull(
            args,
            "multi_scale_agg",
            scaleAgg,
            "last",
            "average",
            "flatten",
            "auto",
            "sum",
            "concat");
    String activation = Parts.activation(args, "activation", "relu");
    boolean residuals = args.bool("use_residuals", true);
    boolean norm = args.bool("use_batch_norm", false);
    finalAgg = args.oneOf("final_agg", "last", "last", "average", "flatten");
    Object anomaly = args.any(ANOMALY, null);
    strategy =
        Parts.oneOfOrNull(
            args,
            "anomaly_detection_strategy",
            null,
            "prediction_based",
            "feature_based",
            "from_config");
    double weight = args.number("anomaly_loss_weight", anomalyLossWeight);
    if (anomaly != null && !(anomaly instanceof Config)) {
      throw args.refuse(ANOMALY, "a map of anomaly_scores and anomaly_loss_weight, or null");
    }
    Config given = anomaly == null ? Config.EMPTY : (Config) anomaly;
    anomalyWeight = given.get("anomaly_loss_weight") instanceof Number n ? n.doubleValue() : weight;
    givenScores = Scores.orNull(args, ANOMALY, given.get("anomaly_scores"));
    if (givenScores != null && (givenScores.rank() != 2 || givenScores.dim(1) != horizon)) {
      throw args.refuse(ANOMALY, "a map with anomaly_scores (batch, " + horizon + ")");
    }
    args.note("anomaly_loss_weight", anomalyWeight);
    args.note(
        ANOMALY,
        Config.of(
            "anomaly_scores", given.get("anomaly_scores"), "anomaly_loss_weight", anomalyWeight));
    release = Release.of(args);
    defects = Parts.option(args, "defects", false);
    architecture =
        release == Release.V05 ? readArchitecture() : Architecture.of(null, true, null, null);
    fusionMode = isSuper && release == Release.V05 ? readFusionMode() : "integrated";
    int decoder = isSuper ? decoderUnits(outputs) : outputs;
    takes(staticDim, dynamicDim, futureDim);
    factory =
        new ExtremeParts(
            policy(),
            staticDim,
            dynamicDim,
            futureDim,
            embed,
            horizon,
            quantiles,
            window,
            memory,
            heads,
            rate,
            outputs,
            decoder,
            attention,
            hidden,
            lstm,
            scales,
            multiScaleAgg != null,
            activation,
            residuals,
            norm,
            "feature_based".equals(strategy),
            release);
  }

  private Architecture readArchitecture() {
    String key = "architecture_config";
    Object v = args.any(key, null);
    if (v != null && !(v instanceof Config)) {
      throw args.refuse(key, "a map or null");
    }
    Config map = v == null ? Config.EMPTY : (Config) v;
    boolean select = !Boolean.FALSE.equals(map.get("use_vsn"));
    Architecture a = Architecture.of(null, select, null, map.without("use_vsn"));
    args.note(key, a.config());
    return a;
  }

  private int decoderUnits(int outputs) {
    if (args.any("decoder_units", null) == null) {
      args.forget("decoder_units");
      return outputs;
    }
    return args.positiveInt("decoder_units");
  }

  private String readFusionMode() {
    String mode =
        Parts.oneOfOrNull(
            args, "fusion_mode", null, "integrated", "disjoint", "independent", "isolated");
    String settled = mode == null || mode.equals("integrated") ? "integrated" : "disjoint";
    args.note("fusion_mode", settled);
    return settled;
  }

  /** Makes the parts of these names in this order; those that the arguments do not ask for not. */
  final void make(List<String> names) {
    for (String name : names) {
      Layer layer = factory.make(name);
      if (layer != null) {
        made.put(name, part(name, layer));
      }
    }
  }

  @Override
  public Config getConfig() {
    return release.noted(super.getConfig());
  }

  final boolean isLegacy() {
    return release != Release.V05;
  }

  final boolean hasDefects() {
    return defects;
  }

  final boolean isIntegrated() {
    return fusionMode.equals("integrated");
  }

  final Architecture architecture() {
    return architecture;
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
    Tensor v = multiScaleAgg == null ? out.get(0) : Aggregation.multiscale(out, multiScaleAgg);
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
    Tensor mask = defects ? Ops.reshape(real, 1, 1, steps, 1) : Ops.reshape(real, 1, 1, 1, steps);
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
            : givenScores == null ? null : Scores.like(givenScores, features);
    if (scores != null) {
      double w = defects ? anomalyWeight * anomalyWeight : anomalyWeight;
      ctx.addLoss(Ops.mean(Ops.square(scores)).times(w));
    }
    Tensor window = at("dynamic_time_window").apply(features);
    Tensor decoded = at("multi_decoder").apply(Aggregation.timeWindow(window, finalAgg));
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
              + strategy);
    }
    Tensor[] in = checked(List.of(inputs));
    return scores(fused(in[0], in[1], in[2]));
  }

  @Override
  public final double[] quantiles() {
    return quantiles == null ? null : quantiles.clone();
  }

  /**
   * {@inheritDoc} With the strategy {@code prediction_based} it is fusionlab's {@code
   * prediction_based_loss}.
   */
  @Override
  public final Object defaultLoss() {
    return "prediction_based".equals(strategy)
        ? Losses.of(
            "prediction_based_loss", "quantiles", quantiles, "anomaly_loss_weight", anomalyWeight)
        : super.defaultLoss();
  }
}
