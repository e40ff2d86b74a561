package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.losses.Loss;
import io.weft.losses.Losses;
import io.weft.metrics.Metric;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Sequential;
import io.weft.optimizers.Adam;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.GradientCheck;
import io.weft.training.Fit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Losses and metrics of forecasts. */
class FusionLossesTest {
  private static final List<Double> LEVELS = List.of(0.1, 0.5, 0.9);
  private static final Tensor Y = values(0.3, 2, 4, 1);
  private static final Tensor P = values(1.1, 2, 4, 3, 1);

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @Test
  void quantileLossesAreMeansOfThePinballLoss() {
    double mean = 0;
    double[] y = Y.toDoubleArray();
    double[] p = P.toDoubleArray();
    for (int i = 0; i < p.length; i++) {
      double q = LEVELS.get(i % 3);
      double e = y[i / 3] - p[i];
      mean += Math.max(q * e, (q - 1) * e) / p.length;
    }
    for (String name : List.of("AdaptiveQuantileLoss", "combined_quantile_loss")) {
      assertThat(value(FusionLosses.of(name, "quantiles", LEVELS), Y, P))
          .isCloseTo(mean, within(1e-12));
    }
    assertThat(value(FusionLosses.of("QuantileLoss", "quantiles", LEVELS), Y, P))
        .isCloseTo(2 * mean, within(1e-12));
    assertThat(value(exact(new CRPSLoss(0.1, 0.5, 0.9)), Y, P)).isCloseTo(2 * mean, within(1e-12));
    Loss original =
        exact(new CRPSLoss(Config.of("mode", "quantile", "quantiles", LEVELS, "defects", true)));
    assertThat(value(original, Y, P)).isCloseTo(2 * mean / 3, within(1e-12));
    // one output may go without its axis
    Loss loss = FusionLosses.of("pinball_loss", "qs", LEVELS, "dtype", "float64");
    assertThat(value(loss, Y, Ops.squeeze(P, -1))).isCloseTo(mean, within(1e-12));
    assertThat(value(FusionLosses.of("AdaptiveQuantileLoss", "quantiles", null), Y, P)).isZero();
    Loss weighted =
        FusionLosses.of(
            "make_weighted_pinball", "qs", LEVELS, "weights", Map.of("0.5", 1), "dtype", "float64");
    assertThat(value(weighted, Y, P)).isCloseTo(mean, within(1e-12));
  }

  private static double value(Loss loss, Tensor y, Tensor p) {
    Loss l = (Loss) loss.type().create(loss.getConfig().with("dtype", "float64"));
    return l.apply(y, p, null).item();
  }

  private static Loss exact(Loss loss) {
    return (Loss) loss.type().create(loss.getConfig().with("dtype", "float64"));
  }

  @Test
  void sampleWeightsCount() {
    Loss loss = FusionLosses.of("AdaptiveQuantileLoss", "quantiles", "auto", "dtype", "float64");
    Tensor first = Tensor.of(new double[] {2, 0}, 2);
    Tensor y = Ops.slice(Y, new int[3], new int[] {1, 4, 1});
    Tensor p = Ops.slice(P, new int[4], new int[] {1, 4, 3, 1});
    assertThat(loss.apply(Y, P, Ops.expandDims(first, 1)).item())
        .isCloseTo(loss.apply(y, p, null).item(), within(1e-12));
  }

  @Test
  void gradientsAreThoseOfTheFormulas() {
    Tensor same = values(2.2, 2, 4, 1);
    Tensor scores = values(0.7, 2, 3);
    List<Loss> quantiles =
        List.of(
            FusionLosses.of("AdaptiveQuantileLoss", "quantiles", LEVELS),
            FusionLosses.of("make_weighted_pinball", "qs", LEVELS, "weights", List.of(1, 3, 1)),
            FusionLosses.of("prediction_based_loss", "quantiles", LEVELS),
            FusionLosses.of(
                "combined_total_loss",
                "quantiles",
                LEVELS,
                "anomaly_layer",
                FusionLosses.of("AnomalyLoss", "weight", 2.0),
                "anomaly_scores",
                Scores.toConfig(scores)),
            new CRPSLoss(0.1, 0.5, 0.9));
    quantiles.forEach(l -> check(l, P));
    List<Loss> points =
        List.of(
            FusionLosses.of("MeanSquaredErrorLoss"),
            FusionLosses.of("HuberLoss", "delta", 0.4),
            FusionLosses.of("WeightedLoss", "weight", 3),
            FusionLosses.of("quantile_loss", "q", 0.2),
            FusionLosses.of("quantile_loss_multi"),
            FusionLosses.of("prediction_based_loss"));
    points.forEach(l -> check(l, same));
    check(new CRPSLoss("gaussian"), values(1.4, 2, 4, 1, 2));
  }

  private static void check(Loss loss, Tensor p) {
    Loss l = exact(loss);
    GradientCheck.of(x -> l.apply(x.get(0), x.get(1), null), List.of(Y, p)).run();
  }

  @Test
  void anomalyScoresArePartOfAnObjective() {
    Tensor scores = values(0.7, 2, 3);
    double square = Ops.mean(Ops.square(scores)).item();
    Loss quantile = exact(FusionLosses.of("AdaptiveQuantileLoss", "quantiles", "auto"));
    Loss anomaly = exact(FusionLosses.of("AnomalyLoss", "weight", 2.0));
    Loss both = exact(new MultiObjectiveLoss(quantile, anomaly, scores));
    double forecast = quantile.apply(Y, P, null).item();
    assertThat(both.apply(Y, P, null).item()).isCloseTo(forecast + 2 * square, within(1e-12));
    assertThat(exact(new MultiObjectiveLoss(quantile, anomaly, null)).apply(Y, P, null).item())
        .isCloseTo(forecast, within(1e-12));
    assertThat(
            value(FusionLosses.of("anomaly_loss", "anomaly_scores", Scores.toConfig(scores)), Y, P))
        .isCloseTo(square, within(1e-12));
  }

  @Test
  void parametersOfInnerLossesAreReached() {
    MultiObjectiveLoss loss =
        new MultiObjectiveLoss(
            FusionLosses.of("AdaptiveQuantileLoss", "quantiles", "auto"),
            FusionLosses.of("AnomalyLoss", "weight", 2.0),
            null);
    assertThat(loss.getParams(true).keySet())
        .containsExactly(
            "anomaly_loss_fn__name",
            "anomaly_loss_fn__weight",
            "anomaly_loss_fn",
            "anomaly_scores",
            "name",
            "quantile_loss_fn__name",
            "quantile_loss_fn__quantiles",
            "quantile_loss_fn");
    assertThat(loss.setParams(Map.of("anomaly_loss_fn__weight", 5)).getParams(true))
        .containsEntry("anomaly_loss_fn__weight", 5L);
    // the original writes inner configs without their classes
    Config original =
        Config.of(
            "quantile_loss_fn",
            Config.of("quantiles", List.of(0.3)),
            "anomaly_loss_fn",
            Config.of("weight", 4.0));
    assertThat(new MultiObjectiveLoss(original).getParams(true))
        .containsEntry("quantile_loss_fn__quantiles", List.of(0.3))
        .containsEntry("anomaly_loss_fn__weight", 4.0);
  }

  @Test
  void theScoreOfANormalDistributionIsItsClosedForm() {
    Tensor zero = Tensor.of(new double[] {0}, 1, 1);
    Tensor one = Tensor.of(new double[] {1 - 1e-6}, 1, 1);
    CRPSLoss auto = new CRPSLoss("auto");
    assertThat(auto.score(zero, Map.of("loc", zero, "scale", one)).item())
        .isCloseTo((Math.sqrt(2) - 1) / Math.sqrt(Math.PI), within(1e-9));
    // the heads of this library say mean, as the original's do, and are understood
    assertThat(auto.score(zero, Map.of("mean", zero, "scale", one)).item())
        .isCloseTo(0.23369, within(1e-5));
  }

  @Test
  void theScoreOfAMixtureIsTheExpectation() {
    double[] w = {0.3, 0.7};
    double[] m = {-1, 2};
    double[] s = {0.5, 1.5};
    double y = 0.4;
    CRPSLoss loss = new CRPSLoss("auto");
    double score =
        loss.score(
                Tensor.of(new double[] {y}, 1, 1),
                Map.of(
                    "weights", Tensor.of(w, 1, 2, 1),
                    "means", Tensor.of(m, 1, 2, 1),
                    "scales", Tensor.of(s, 1, 2, 1)))
            .item();
    int n = 400_000;
    double[] a = draws(1, n, w, m, s);
    double[] b = draws(2, n, w, m, s);
    double near = 0;
    double apart = 0;
    for (int i = 0; i < n; i++) {
      near += Math.abs(a[i] - y) / n;
      apart += Math.abs(a[i] - b[i]) / n;
    }
    assertThat(score).isCloseTo(near - apart / 2, within(0.01));
    // equal components are one
    double single =
        new CRPSLoss("gaussian")
            .score(
                Tensor.of(new double[] {y}, 1, 1),
                Map.of(
                    "loc", Tensor.of(new double[] {2}, 1, 1),
                    "scale", Tensor.of(new double[] {1.5}, 1, 1)))
            .item();
    double twice =
        loss.score(
                Tensor.of(new double[] {y}, 1, 1),
                Map.of(
                    "weights", Tensor.of(w, 1, 2, 1),
                    "loc", Tensor.of(new double[] {2, 2}, 1, 2, 1),
                    "scale", Tensor.of(new double[] {1.5, 1.5}, 1, 2, 1)))
            .item();
    assertThat(twice).isCloseTo(single, within(1e-9));
  }

  private static double[] draws(long seed, int n, double[] w, double[] m, double[] s) {
    SeedGenerator keys = new SeedGenerator(seed);
    double[] u = RandomOps.uniform(Shape.of(n), 0, 1, DType.FLOAT64, keys.next()).toDoubleArray();
    double[] z = RandomOps.normal(Shape.of(n), 0, 1, DType.FLOAT64, keys.next()).toDoubleArray();
    for (int i = 0; i < n; i++) {
      int k = u[i] < w[0] ? 0 : 1;
      z[i] = m[k] + s[k] * z[i];
    }
    return z;
  }

  @Test
  void headsHaveLossesByName() {
    CombinedHeadLoss loss =
        new CombinedHeadLoss(
            Config.of(
                "heads_losses",
                Config.of(
                    "point",
                    List.of(Losses.of("mse"), 2.0),
                    "quantile",
                    FusionLosses.of("AdaptiveQuantileLoss", "quantiles", LEVELS))));
    Map<String, Tensor> y = Map.of("point", Y, "quantile", Y);
    Tensor point = values(2.2, 2, 4, 1);
    double want =
        2 * Losses.of("mse").apply(Y, point, null).item()
            + FusionLosses.of("AdaptiveQuantileLoss", "quantiles", LEVELS).apply(Y, P, null).item();
    double got = loss.score(y, Map.of("point", point, "quantile", P)).item();
    assertThat(got).isCloseTo(want, within(1e-6));
    assertThatThrownBy(() -> loss.score(y, Map.of("point", point)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("quantile");
    assertThatThrownBy(() -> new CombinedHeadLoss(Map.of())).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> loss.apply(Y, P, null)).isInstanceOf(ShapeException.class);
    roundTrip(loss);
  }

  @Test
  void combinedLossesTrainNamedOutputs() {
    Tensor x = Ops.cast(values(0.9, 16, 3), DType.FLOAT32);
    Tensor y = Ops.cast(values(0.2, 16, 1), DType.FLOAT32);
    Tensor in = Input.of(3);
    Tensor a = Dense.builder(1).name("a").build().apply(in);
    Tensor b = Dense.builder(1).name("b").build().apply(in);
    Model model = new Functional(in, List.of(a, b));
    CombinedHeadLoss loss =
        new CombinedHeadLoss(
            Config.of(
                "heads_losses",
                Config.of("a", List.of(Losses.of("mse"), 3.0), "b", Losses.of("mae"))));
    model.compile(loss.on(io.weft.training.Compile.with(new Adam(0.01))));
    double before = model.evaluate(x, List.of(y, y)).get("loss");
    double want =
        loss.score(
                Map.of("a", y, "b", y),
                Map.of(
                    "a",
                    model.predictAll(List.of(x), 32).get(0),
                    "b",
                    model.predictAll(List.of(x), 32).get(1)))
            .item();
    assertThat(before).isCloseTo(want, within(1e-5));
  }

  @Test
  void lossesTrainAndAreSaved() {
    Tensor x = Ops.cast(values(0.9, 32, 3), DType.FLOAT32);
    Tensor y = Ops.cast(values(0.2, 32, 4, 1), DType.FLOAT32);
    Model model =
        new Sequential(
            new Dense(4 * 5),
            new io.weft.layers.reshaping.Reshape(4, 5),
            new QuantileHead(LEVELS, 1));
    model.compile(
        new Adam(0.05),
        FusionLosses.of("combined_quantile_loss", "quantiles", LEVELS),
        QuantileMetric.of("MAEQ50"),
        QuantileMetric.of("Coverage80"));
    double before = model.evaluate(x, y).get("loss");
    model.fit(x, y, Fit.epochs(30));
    assertThat(model.evaluate(x, y).get("loss")).isLessThan(0.7 * before);
    Config compiled = (Config) ((Config) Config.pure(model.serialized())).get("compile_config");
    Loss again = (Loss) Registry.standard().restore(compiled.get("loss"), "loss");
    assertThat(again.getConfig().get("quantiles")).isEqualTo(LEVELS);
  }

  @Test
  void configsComeBack() {
    roundTrip(FusionLosses.of("AdaptiveQuantileLoss", "quantiles", "auto"));
    roundTrip(FusionLosses.of("prediction_based_loss", "anomaly_loss_weight", 0.3));
    roundTrip(
        new MultiObjectiveLoss(
            FusionLosses.of("AdaptiveQuantileLoss", "quantiles", "auto"),
            FusionLosses.of("AnomalyLoss"),
            values(0.1, 2, 3)));
    roundTrip(new CRPSLoss(Config.of("mode", "quantile", "quantiles", LEVELS, "defects", true)));
    for (Entry<Metric> e : QuantileMetric.entries()) {
      Metric m = e.create(Config.EMPTY);
      Metric again = (Metric) Registry.standard().restore(Config.pure(m.serialized()), "metric");
      assertThat(again.getConfig()).isEqualTo(m.getConfig());
    }
  }

  private static void roundTrip(Loss loss) {
    Loss again = (Loss) Registry.standard().restore(Config.pure(loss.serialized()), "loss");
    assertThat(again.getConfig()).isEqualTo(loss.getConfig());
    assertThat(again.type()).isSameAs(loss.type());
  }

  @Test
  void metricsReadQuantilesAndBounds() {
    Tensor y = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1);
    Tensor p = Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 0, 2, 6, 5, 6, 4}, 2, 2, 3, 1);
    assertThat(figure("MAEQ50", y, p)).isCloseTo((0 + 2 + 1 + 2) / 4.0, within(1e-6));
    assertThat(figure("MSEQ50", y, p)).isCloseTo((0 + 4 + 1 + 4) / 4.0, within(1e-6));
    assertThat(figure("Coverage80", y, p)).isEqualTo(0.5);
    assertThat(figure("Sharpness80", y, p)).isCloseTo((2 + 2 + 6 + 1) / 4.0, within(1e-6));
    assertThat(figure("QuantileCrossing", y, p)).isEqualTo(1 / 8.0);
    // without the axis of one output, and with targets without it
    Tensor flat = Ops.squeeze(p, -1);
    assertThat(figure("MAEQ50", y, flat)).isEqualTo(figure("MAEQ50", y, p));
    assertThat(figure("Coverage80", Ops.squeeze(y, -1), flat)).isEqualTo(0.5);
    Tensor bounds =
        Ops.concatenate(
            List.of(
                Ops.slice(flat, new int[3], new int[] {2, 2, 1}),
                Ops.slice(flat, new int[] {0, 0, 2}, new int[] {2, 2, 1})),
            -1);
    assertThat(figure("CentralCoverage", y, bounds)).isEqualTo(0.5);
    assertThat(figure("IntervalSharpness", y, bounds)).isEqualTo(figure("Sharpness80", y, p));
    assertThat(figure("MAEQ50", y, y)).isZero();
    assertThatThrownBy(() -> figure("Coverage80", y, y)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> figure("CentralCoverage", y, p)).isInstanceOf(ShapeException.class);
    Metric weighted = QuantileMetric.of("MAEQ50");
    weighted.update(y, p, Tensor.of(new float[] {1, 0}, 2));
    assertThat(weighted.result().item()).isEqualTo(1);
  }

  private static double figure(String name, Tensor y, Tensor p) {
    Metric m = QuantileMetric.of(name);
    m.update(y, p, null);
    return m.result().item();
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> FusionLosses.of("AdaptiveQuantileLoss"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("quantiles");
    assertThatThrownBy(() -> FusionLosses.of("quantile_loss", "q", 1.0))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> FusionLosses.of("nonsense")).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> QuantileMetric.of("nonsense")).isInstanceOf(ConfigException.class);
    for (Object w :
        new Object[] {List.of(1), List.of(0, 0, 0), Map.of("0.7", 1), "a", List.of(1, -1, 1)}) {
      assertThatThrownBy(() -> FusionLosses.of("make_weighted_pinball", "qs", LEVELS, "weights", w))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("weights");
    }
    Loss loss = FusionLosses.of("AdaptiveQuantileLoss", "quantiles", List.of(0.5));
    assertThatThrownBy(() -> loss.apply(Y, P, null))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("1 quantiles");
    assertThatThrownBy(() -> FusionLosses.of("HuberLoss").apply(Y, P, null))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new CRPSLoss("mixture").apply(Y, P, null))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new CRPSLoss("normal")).isInstanceOf(ConfigException.class);
    assertThatThrownBy(
            () ->
                FusionLosses.of(
                    "anomaly_loss", "anomaly_scores", List.of(List.of(1), List.of(1, 2))))
        .isInstanceOf(ConfigException.class);
  }

  private static Tensor values(double phase, int... shape) {
    int n = 1;
    for (int d : shape) {
      n *= d;
    }
    double[] f = new double[n];
    for (int i = 0; i < n; i++) {
      f[i] = Math.sin(i * 1.3 + phase) + 0.05 * i % 1;
    }
    return Tensor.of(f, shape);
  }
}
