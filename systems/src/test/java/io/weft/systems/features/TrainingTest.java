package io.weft.systems.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Measure;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.rnn.LSTM;
import io.weft.layers.wrapper.Bidirectional;
import io.weft.models.Functional;
import io.weft.models.Sequential;
import io.weft.optimizers.Sgd;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import io.weft.training.History;
import io.weft.training.Logs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Losses, metrics and updates that layers add in their calls, and what freezing does. */
class TrainingTest {
  private static final double[] LEVEL = {
    0.1657806783914566, 0.16809988021850586, 0.1699225753545761
  };
  private static final double[] ROWS = {
    0.028785010799765587, 0.029609868302941322, 0.030267352238297462
  };

  private final Tensor x = Ops.reshape(Ops.cast(Ops.arange(30), DType.FLOAT32).times(0.01), 10, 3);
  private final Tensor y = Ops.ones(Shape.of(10, 2), DType.FLOAT32);

  @BeforeEach
  void seed() {
    Seeds.set(5);
  }

  /** A layer whose call is a test. */
  private static final class Probe extends UnaryLayer {
    private final BiConsumer<Tensor, CallContext> body;

    Probe(BiConsumer<Tensor, CallContext> body) {
      super(LayerType.custom("features", "Probe", c -> new Probe((t, ctx) -> {})), Config.EMPTY);
      this.body = body;
    }

    @Override
    public Tensor call(Tensor in, CallContext ctx) {
      body.accept(in, ctx);
      return in;
    }
  }

  private static double number(Tensor t) {
    return t.toDoubleArray()[0];
  }

  private static double figure(Layer layer, String name) {
    return number(
        layer.metrics().stream()
            .filter(m -> m.name().equals(name))
            .findFirst()
            .orElseThrow()
            .result());
  }

  private static Functional measured() {
    Nest nest = new Nest();
    KerasTensor in = Input.of(3);
    Functional m = new Functional(in, nest.apply(in));
    Tensor kernel = Tensor.of(new float[] {.1f, .2f, .3f, -.1f, .2f, .4f}, 3, 2);
    nest.dense.setWeights(List.of(kernel, Ops.zeros(Shape.of(2), DType.FLOAT32)));
    m.compile(new Sgd(0.1), "mse");
    return m;
  }

  /** Keras 3.15: two {@code keras.metrics.Mean} of a layer in a layer, batches of 4, 4 and 2. */
  @Test
  void figuresAreThoseOfKeras() {
    Functional m = measured();
    Logs before = m.evaluate(x, y, null, 4);
    assertThat(before.get("level")).isCloseTo(0.16499999165534973, within(1e-6));
    assertThat(before.get("rows")).isCloseTo(0.02851666882634163, within(1e-6));
    assertThat(before.get("given")).isEqualTo(before.get("level"));
    assertThat(before.has("highest")).as("recorded in training only").isFalse();
    assertThat(m.evaluate(x, y, null, 4).get("level")).isEqualTo(before.get("level"));
    History h = m.fit(x, y, Fit.epochs(3).batchSize(4).shuffle(false).validation(x, y));
    assertThat(h.get("level")).containsExactly(LEVEL, within(1e-6));
    assertThat(h.get("given")).containsExactly(LEVEL, within(1e-6));
    assertThat(h.get("rows")).containsExactly(ROWS, within(1e-6));
    assertThat(h.get("val_level")[2]).isCloseTo(0.17085643112659454, within(2e-6));
    assertThat(h.names()).contains("highest").doesNotContain("val_highest");
    assertThat(figure(m, "level")).isEqualTo(h.get("val_level")[2]);
    assertThat(m.trainOnBatch(x, y, null).get("level"))
        .isCloseTo(0.15015877783298492, within(2e-6));
  }

  @Test
  void nestedLayersOfOneNameAreToldApart() {
    KerasTensor in = Input.of(3);
    Scale a = new Scale();
    Scale b = new Scale();
    Functional m = new Functional(in, new Dense(2).apply(b.apply(a.apply(in))));
    m.compile(new Sgd(0.1), "mse");
    b.setWeights(List.of(Tensor.of(new float[] {2, 2, 2}, 3)));
    Logs logs = m.evaluate(x, y, null, 10);
    assertThat(logs.get("level")).isCloseTo(0.145, within(1e-6));
    assertThat(logs.get("level_1")).isCloseTo(0.29, within(1e-6));
    assertThat(m.metrics())
        .extracting(Measure::name)
        .containsExactly("loss", "given", "level", "rows", "given", "level", "rows");
    assertThat(a.metrics()).hasSize(3).doesNotContainAnyElementsOf(b.metrics());
  }

  @Test
  void aSharedLayerAveragesItsCalls() {
    Probe p = new Probe((t, ctx) -> ctx.addMetric(Ops.mean(t), "level"));
    KerasTensor in = Input.of(3);
    Functional m = new Functional(in, new Dense(2).apply(p.apply(p.apply(in).times(3))));
    m.compile(new Sgd(0.1), "mse");
    assertThat(m.evaluate(x, y, null, 10).get("level")).isCloseTo(0.145 * 2, within(1e-6));
  }

  @Test
  void predictionsLeaveMetricsAlone() {
    Functional m = measured();
    m.evaluate(x, y, null, 4);
    double level = figure(m, "level");
    m.predict(x.times(100));
    assertThat(figure(m, "level")).isEqualTo(level);
    m.resetMetrics();
    assertThat(figure(m, "level")).isZero();
  }

  @Test
  void callsThatComputeCountAtOnce() {
    Scale s = new Scale();
    s.apply(x);
    assertThat(figure(s, "level")).isCloseTo(0.145, within(1e-6));
    s.apply(x.times(3));
    assertThat(figure(s, "level")).isCloseTo(0.29, within(1e-6));
    assertThat(s.metrics()).extracting(Measure::name).doesNotContain("highest");
    s.apply(x, CallArgs.training(true));
    assertThat(figure(s, "highest")).isCloseTo(0.29, within(1e-6));
  }

  @Test
  void eagerCallsOfManyThreadsAreAllCounted() throws Exception {
    Probe p = new Probe((t, ctx) -> ctx.addMetric(Ops.mean(t), "level"));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        double factor = i + 1;
        done.add(
            pool.submit(
                () -> {
                  for (int k = 0; k < 50; k++) {
                    p.apply(Ops.ones(Shape.of(2, 3), DType.FLOAT32).times(factor));
                  }
                }));
      }
      for (Future<?> f : done) {
        f.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(number(p.metrics().get(0).variables().get(1).concrete())).isEqualTo(100);
    assertThat(figure(p, "level")).isCloseTo(1.5, within(1e-6));
  }

  @Test
  void figuresOfOneBatchAreOfThatBatch() {
    Functional m = measured();
    m.evaluate(x, y, null, 4);
    assertThat(m.testOnBatch(x, y, null).get("level")).isCloseTo(0.145, within(1e-6));
    assertThat(m.testOnBatch(x, y, null).get("level")).isCloseTo(0.145, within(1e-6));
    assertThat(m.trainOnBatch(x, y, null).get("highest")).isCloseTo(0.29, within(1e-6));
  }

  @Test
  void aFigureNeedsANameAndATensor() {
    Probe unnamed = new Probe((t, ctx) -> ctx.addMetric(t, null));
    assertThatThrownBy(() -> unnamed.apply(x))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("addMetric: expected a name");
    Probe nothing = new Probe((t, ctx) -> ctx.addMetric(null, "level"));
    assertThatThrownBy(() -> nothing.apply(x))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("addMetric 'level': expected a tensor");
    Probe noMetric = new Probe((t, ctx) -> ctx.addMetric(null));
    assertThatThrownBy(() -> noMetric.apply(x)).isInstanceOf(ConfigException.class);
  }

  @Test
  void lossesOfTheLastCallAreOfTensorsAndSuppliers() {
    Scale s = Scale.penalized();
    s.apply(x);
    s.apply(x.times(2));
    assertThat(s.losses()).hasSize(2);
    assertThat(number(s.losses().get(0))).isCloseTo(1.5, within(1e-6));
    assertThat(number(s.losses().get(1))).isCloseTo(0.29, within(1e-6));
    s.setWeights(List.of(Tensor.of(new float[] {2, 2, 2}, 3)));
    assertThat(number(s.losses().get(0))).as("computed when asked").isCloseTo(6, within(1e-6));
    Nest outer = new Nest();
    outer.apply(x);
    assertThat(outer.losses()).isEmpty();
    assertThat(s.losses()).as("the last outermost call was another's").isEmpty();
  }

  @Test
  void addedLossesAreTrained() {
    KerasTensor in = Input.of(3);
    Scale s = Scale.penalized();
    Functional m = new Functional(in, s.apply(in));
    m.compile(new Sgd(0.5), null);
    Logs logs = m.trainOnBatch(x, null, null);
    assertThat(logs.get("loss")).isCloseTo(1.5 + 0.145, within(1e-6));
    // d/dg (½ Σ g² + mean(x g)) = g + Σ x / 30
    assertThat(number(s.factor().concrete())).isCloseTo(1 - 0.5 * (1 + 1.35 / 30), within(1e-6));
  }

  @Test
  void updatesRunInTrainingUnlessFrozen() {
    Nest nest = new Nest();
    nest.apply(x);
    assertThat(nest.scale.updates).isZero();
    nest.apply(x, CallArgs.training(true));
    assertThat(nest.scale.updates).isEqualTo(1);
    nest.setTrainable(false);
    nest.scale.setTrainable(true);
    nest.apply(x, CallArgs.training(true));
    assertThat(nest.scale.updates).as("frozen around it").isEqualTo(1);
    nest.setTrainable(true);
    nest.scale.setTrainable(false);
    nest.apply(x, CallArgs.training(true));
    assertThat(nest.scale.updates).as("frozen itself").isEqualTo(1);
    assertThat(nest.updates()).isEmpty();
  }

  @Test
  void freezingReachesInnerLayers() {
    Nest nest = new Nest();
    nest.build(Shape.of(2, 3));
    assertThat(nest.trainableWeights()).hasSize(3);
    nest.setTrainable(false);
    assertThat(nest.dense.trainable()).isFalse();
    assertThat(nest.trainableWeights()).isEmpty();
    assertThat(nest.nonTrainableWeights()).hasSize(3);
  }

  @Test
  void statefulIsWhatCarriesStates() {
    LSTM carried = LSTM.builder(2).stateful(true).build();
    assertThat(carried.isStateful()).isTrue();
    assertThat(new LSTM(2).isStateful()).isFalse();
    assertThat(new Bidirectional(carried).isStateful()).isTrue();
    assertThat(new Sequential(new Dense(2), carried).isStateful()).isTrue();
    assertThat(new Sequential(new Dense(2)).isStateful()).isFalse();
  }

  @Test
  void activityRegularizersAreAsked() {
    Dense d = new Dense(Config.of("units", 2, "activity_regularizer", "l2"));
    assertThat(d.activityRegularizer()).isPresent();
    assertThat(new Dense(2).activityRegularizer()).isEmpty();
  }
}
