package io.weft.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.core.InputLayer;
import io.weft.models.Functional;
import io.weft.models.Sequential;
import io.weft.optimizers.Adam;
import io.weft.optimizers.Optimizer;
import io.weft.optimizers.Optimizers;
import io.weft.optimizers.Sgd;
import io.weft.random.Seeds;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of small models end to end, and what is left when it fails. */
class FitTest {
  private static final int ROWS = 48;
  private final Tensor x = random(ROWS, 3, 1);
  private final Tensor y = x.times(2).plus(1);

  private static Tensor random(int rows, int columns, long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    float[] v = new float[rows * columns];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextDouble(-1, 1);
    }
    return Tensor.of(v, rows, columns);
  }

  private static Sequential model(Optimizer optimizer) {
    Sequential m = new Sequential(InputLayer.of("in", 3), new Dense(8, "tanh"), new Dense(3));
    SplittableRandom r = new SplittableRandom(3);
    List<Tensor> w = new ArrayList<>();
    for (Tensor t : m.getWeights()) {
      float[] v = new float[(int) t.shape().size()];
      for (int i = 0; i < v.length; i++) {
        v[i] = (float) r.nextDouble(-0.5, 0.5);
      }
      w.add(Tensor.of(v, t.shape().dims()));
    }
    m.setWeights(w);
    m.compile(optimizer, "mse", "mae");
    return m;
  }

  private static List<float[]> numbers(Sequential m) {
    return m.getWeights().stream().map(Tensor::toFloatArray).toList();
  }

  private static void assertSame(List<float[]> a, List<float[]> b) {
    for (int i = 0; i < a.size(); i++) {
      assertThat(a.get(i)).isEqualTo(b.get(i));
    }
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @Test
  void learnsALine() {
    Sequential m = model(new Adam(0.02));
    History h = m.fit(x, y, Fit.epochs(40).batchSize(8).seed(1).validationSplit(0.25));
    assertThat(h.get("loss")[39]).isLessThan(h.get("loss")[0] / 10);
    assertThat(h.names()).containsExactly("loss", "mae", "val_loss", "val_mae");
    assertThat(m.evaluate(x, y).get("loss")).isLessThan(0.5);
    assertThat(m.predict(x).shape()).isEqualTo(Shape.of(ROWS, 3));
    assertThat(m.optimizer().iterations()).isEqualTo(40 * 5);
  }

  @Test
  void oneSeedGivesOneRunBitForBit() {
    Sequential a = model(new Adam(0.01));
    Sequential b = model(new Adam(0.01));
    a.fit(x, y, Fit.epochs(3).batchSize(7).seed(9));
    b.fit(x, y, Fit.epochs(3).batchSize(7).seed(9));
    assertSame(numbers(a), numbers(b));
    b.fit(x, y, Fit.epochs(1).batchSize(7).seed(10));
    a.fit(x, y, Fit.epochs(1).batchSize(7).seed(11));
    assertThat(numbers(a).get(0)).isNotEqualTo(numbers(b).get(0));
  }

  @Test
  void callbackThatThrowsLeavesTheModelUsable() {
    Sequential m = model(new Sgd(0.01));
    Callback thrower =
        new LambdaCallback()
            .batchEnd(
                (b, l) -> {
                  throw new IllegalArgumentException("from the callback");
                });
    assertThatThrownBy(() -> m.fit(x, y, Fit.epochs(2).callbacks(thrower)))
        .hasMessage("from the callback");
    assertThat(m.fit(x, y, Fit.epochs(2)).get("loss")).hasSize(2);
  }

  @Test
  void refusedDataChangesNothing() {
    Sequential m = model(new Sgd(0.01));
    List<float[]> before = numbers(m);
    assertThatThrownBy(() -> m.fit(x, random(ROWS, 2, 1), Fit.epochs(1)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> m.fit(x, random(5, 3, 1), Fit.epochs(1)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> m.fit(random(ROWS, 4, 1), y, Fit.epochs(1)))
        .isInstanceOf(ShapeException.class);
    assertSame(before, numbers(m));
    assertThat(m.fit(x, y, Fit.epochs(1)).epochs()).containsExactly(0);
  }

  @Test
  void lossThatIsNotFiniteEndsTraining() {
    Sequential m = model(new Sgd(0.01));
    Tensor bad = x.times(Float.NaN);
    Fit fit = Fit.epochs(3).callbacks(new TerminateOnNaN());
    assertThat(m.fit(x, bad, fit).epochs()).containsExactly(0);
    assertThatThrownBy(() -> m.fit(x, bad, Fit.epochs(3).callbacks(new TerminateOnNaN(true))))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void lossScalingSkipsStepsThatOverflow() {
    Optimizer o = Optimizers.of("LossScaleOptimizer", "inner_optimizer", new Sgd(0.01));
    Sequential m = model(o);
    List<float[]> before = numbers(m);
    m.fit(x, x.times(Float.NaN), Fit.epochs(1).batchSize(ROWS));
    assertSame(before, numbers(m));
    assertThat(o.iterations()).isZero();
    assertThat(o.variables().get(3).concrete().item()).isEqualTo(16384.0);
    m.fit(x, y, Fit.epochs(1).batchSize(ROWS));
    assertThat(o.iterations()).isEqualTo(1);
  }

  @Test
  void secondFitAtOneTimeIsRefused() {
    Sequential m = model(new Sgd(0.01));
    AtomicReference<Throwable> seen = new AtomicReference<>();
    Callback nested =
        new LambdaCallback()
            .epochEnd(
                (e, l) -> {
                  try {
                    m.fit(x, y, Fit.epochs(1));
                  } catch (IllegalStateException refused) {
                    seen.set(refused);
                  }
                });
    m.fit(x, y, Fit.epochs(1).callbacks(nested));
    assertThat(seen.get()).hasMessageContaining("being trained");
  }

  /** A step moves all weights alike, so that a torn set would show as a difference. */
  @Test
  void predictingWhileTrainingSeesWholeStates() throws Exception {
    int branches = 40;
    Tensor one = Tensor.of(new float[] {1}, 1, 1);
    Tensor in = Input.of("in", 1);
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < branches; i++) {
      outputs.add(Dense.builder(1).useBias(false).build().apply(in));
    }
    Functional m = new Functional(List.of(in), outputs);
    m.setWeights(Collections.nCopies(branches, one));
    m.compile(new Sgd(0.001), "mse");
    Tensor target = Tensor.of(new float[] {5}, 1, 1);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        readers.add(
            pool.submit(
                () -> {
                  int seen = 0;
                  while (!done.get() || seen == 0) {
                    List<Tensor> p = m.predictAll(List.of(one), 32);
                    double first = p.get(0).item();
                    assertThat(p).allMatch(t -> t.item() == first);
                    seen++;
                  }
                  return seen;
                }));
      }
      m.fit(one, Collections.nCopies(branches, target), Fit.epochs(300));
      done.set(true);
      for (Future<Integer> r : readers) {
        assertThat(r.get()).isPositive();
      }
    } finally {
      done.set(true);
      pool.shutdownNow();
    }
  }

  @Test
  void dataSetsFitAsTensorsDo() {
    Sequential a = model(new Adam(0.01));
    Sequential b = model(new Adam(0.01));
    Dataset data = Dataset.of(x, y).shuffle(9).batch(7);
    a.fit(x, y, Fit.epochs(2).batchSize(7).seed(9).validation(x, y));
    History h = b.fit(data, Fit.epochs(2).validation(Dataset.of(x, y)));
    assertSame(numbers(a), numbers(b));
    assertThat(h.names()).contains("val_loss");
    assertThat(b.evaluate(data).get("loss")).isCloseTo(b.evaluate(x, y).get("loss"), within(1e-6));
  }

  @Test
  void earlyStoppingRestoresTheBestWeights() {
    Sequential m = model(new Sgd(0.9));
    List<List<float[]>> after = new ArrayList<>();
    Callback keep = new LambdaCallback().epochEnd((e, l) -> after.add(numbers(m)));
    EarlyStopping stop = new EarlyStopping("loss", 2, true);
    Fit fit = Fit.epochs(60).batchSize(8).shuffle(false).callbacks(keep, stop);
    History h = m.fit(x, y, fit);
    assertSame(after.get(stop.bestEpoch()), numbers(m));
    assertThat(h.epochs().size()).isLessThanOrEqualTo(60);
  }

  @Test
  void checkpointsFillTheirPaths(@TempDir Path folder) {
    Sequential m = model(new Sgd(0.01));
    String path = folder.resolve("sub/m{epoch:02d}-{loss:.1f}.weights.h5").toString();
    History h = m.fit(x, y, Fit.epochs(2).callbacks(new ModelCheckpoint(path)));
    String loss = String.format(java.util.Locale.ROOT, "%.1f", h.get("loss")[1]);
    Path last = folder.resolve("sub/m02-" + loss + ".weights.h5");
    assertThat(last).exists();
    Sequential same = model(new Sgd(0.01));
    same.loadWeights(last);
    assertSame(numbers(m), numbers(same));
    assertThatThrownBy(() -> new ModelCheckpoint("m.txt")).isInstanceOf(ConfigException.class);
  }

  @Test
  void interruptedTrainingGoesOnFromItsBackup(@TempDir Path folder) {
    Sequential whole = model(new Adam(0.01));
    whole.fit(x, y, Fit.epochs(4).shuffle(false));
    Sequential m = model(new Adam(0.01));
    Path backup = folder.resolve("backup");
    Callback crash =
        new LambdaCallback()
            .epochBegin(
                e -> {
                  if (e == 2) {
                    throw new IllegalStateException("power cut");
                  }
                });
    BackupAndRestore keep = new BackupAndRestore(backup);
    assertThatThrownBy(() -> m.fit(x, y, Fit.epochs(4).shuffle(false).callbacks(keep, crash)))
        .hasMessage("power cut");
    Sequential again = model(new Adam(0.01));
    History h = again.fit(x, y, Fit.epochs(4).shuffle(false).callbacks(keep));
    assertThat(h.epochs()).containsExactly(2, 3);
    assertSame(numbers(whole), numbers(again));
    assertThat(backup.resolve("latest.weights.h5")).doesNotExist();
  }

  @Test
  void csvHasALineAnEpoch(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("log.csv");
    model(new Sgd(0.01)).fit(x, y, Fit.epochs(2).callbacks(new CSVLogger(file)));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines.get(0)).isEqualTo("epoch,loss,mae,val_loss,val_mae");
    assertThat(lines.get(2)).startsWith("1,").endsWith(",NA,NA");
    assertThat(lines).hasSize(3);
  }

  @Test
  void progressBarEndsALineAnEpoch() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ProgressBar bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), false);
    model(new Sgd(0.01)).fit(x, y, Fit.epochs(2).batchSize(16).callbacks(bar));
    String[] lines = out.toString(StandardCharsets.UTF_8).split("\\R");
    assertThat(lines[0]).isEqualTo("Epoch 1/2");
    assertThat(lines[1])
        .matches("3/3 ━{20} \\d+s \\d+[mu]?s/step - loss: [\\d.e-]+ - mae: [\\d.e-]+");
    assertThat(lines).hasSize(4);
  }
}
