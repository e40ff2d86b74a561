package io.weft.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.core.InputLayer;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.models.Sequential;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Wrong use gives one of the library's documented exceptions, with a message that helps. */
class MisuseTest {
  private static final Tensor A = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
  private static final Tensor TEXT = Tensor.of(new String[] {"a", "b"});
  private static final Tensor EMPTY = Tensor.of(new float[0], 0, 3);

  @TempDir private Path folder;

  private static Map<String, Runnable> tensors() {
    Map<String, Runnable> m = new LinkedHashMap<>();
    m.put("too few numbers", () -> Tensor.of(new float[] {1, 2, 3}, 2, 2));
    m.put("negative size", () -> Tensor.of(new float[] {1, 2, 3}, -3));
    m.put("sizes that overflow", () -> Tensor.of(new float[0], 65536, 65536, 65536, 65536));
    m.put("no array", () -> Tensor.of((float[]) null, 1));
    m.put("reshape to another count", () -> Ops.reshape(A, 4, 2));
    m.put("reshape with two unknown", () -> Ops.reshape(A, -1, -1));
    m.put("reshape that does not divide", () -> Ops.reshape(A, 4, -1));
    m.put("add of shapes that do not fit", () -> A.plus(Tensor.of(new float[] {1, 2})));
    m.put("product of widths that differ", () -> A.matmul(A));
    m.put("product of scalars", () -> Ops.matmul(Tensor.scalar(1f), Tensor.scalar(1f)));
    m.put("transpose with an axis twice", () -> Ops.transpose(A, 0, 0));
    m.put("transpose with too many axes", () -> Ops.transpose(A, 0, 1, 2));
    m.put("an axis that is not there", () -> Ops.sum(A, 2));
    m.put("argmax of an axis that is not there", () -> Ops.argmax(A, -3, false));
    m.put("argmax of nothing", () -> Ops.argmax(EMPTY, 0, false));
    m.put("maximum of nothing", () -> Ops.max(EMPTY, new int[] {0}, false).toFloatArray());
    m.put("index too large", () -> A.get(Index.at(2)));
    m.put("index too small", () -> A.get(Index.at(-3)));
    m.put("too many indices", () -> A.get(Index.at(0), Index.at(0), Index.at(0)));
    m.put("step of zero", () -> A.get(Index.range(0, 2, 0)));
    m.put("concatenation of nothing", () -> Ops.concatenate(List.of(), 0));
    m.put("concatenation of other widths", () -> Ops.concatenate(List.of(A, A.transpose()), 0));
    m.put("stack of other shapes", () -> Ops.stack(List.of(A, A.transpose()), 0));
    m.put("stack of nothing", () -> Ops.stack(List.of(), 0));
    m.put("squeeze of a larger axis", () -> Ops.squeeze(A, 0));
    m.put("expandDims too far", () -> Ops.expandDims(A, 4));
    m.put("pad of too few axes", () -> Ops.pad(A, new int[][] {{1, 1}}, 0));
    m.put("pad by less than nothing", () -> Ops.pad(A, new int[][] {{-9, 0}, {0, 0}}, 0));
    m.put("slice beyond the end", () -> Ops.slice(A, new int[] {0, 0}, new int[] {3, 3}));
    m.put("equation without meaning", () -> Ops.einsum("ab,", A));
    m.put("equation of other ranks", () -> Ops.einsum("abc->a", A));
    m.put("equation of too few operands", () -> Ops.einsum("ab,bc->ac", A));
    m.put("broadcast to less", () -> Ops.broadcastTo(A, Shape.of(3)));
    m.put("numbers of text", () -> TEXT.plus(1));
    m.put("floats of text", () -> TEXT.toFloatArray());
    m.put("text as numbers", () -> Ops.cast(TEXT, DType.FLOAT32));
    m.put("bitwise of floats", () -> Ops.logicalNot(TEXT));
    m.put("unknown dtype", () -> DType.of("float8"));
    m.put("no dtype", () -> DType.of(null));
    m.put("tile below nothing", () -> Ops.tile(A, -1, 1));
    m.put("more than an array holds", () -> Ops.zeros(Shape.of(1 << 20, 1 << 20), DType.FLOAT32));
    m.put("one hot of less than nothing", () -> Ops.oneHot(A, -1, -1, DType.FLOAT32));
    return m;
  }

  private static Tensor x(int... shape) {
    return Ops.zeros(Shape.of(shape), DType.FLOAT32);
  }

  private static Model two() {
    Tensor a = Input.of("a", 3);
    Tensor b = Input.of("b", 3);
    return new Functional(List.of(a, b), new Dense(1).apply(a.plus(b)));
  }

  private static Model compiled() {
    Model m = new Sequential(InputLayer.of("x", 3), new Dense(2, "softmax"));
    m.compile(new Adam(0.01), "mse");
    return m;
  }

  private Map<String, Runnable> models() {
    Map<String, Runnable> m = new LinkedHashMap<>();
    m.put("an output without an input", () -> new Functional(List.of(Input.of("a", 3)), x(1, 3)));
    m.put(
        "an output of another input",
        () -> new Functional(List.of(Input.of("a", 3)), new Dense(1).apply(Input.of("b", 3))));
    m.put(
        "two layers of one name",
        () -> {
          Tensor a = Input.of("a", 3);
          Tensor y = Dense.builder(2).name("d").build().apply(a);
          new Functional(List.of(a), Dense.builder(2).name("d").build().apply(y));
        });
    m.put("no inputs", () -> new Functional(List.of(), Input.of("a", 3)));
    m.put("no layers", () -> new Sequential().predict(x(2, 3)));
    m.put("predict of another width", () -> compiled().predict(x(2, 4)));
    m.put("predict of another rank", () -> compiled().predict(x(2)));
    m.put("predict of nothing", () -> compiled().predict());
    m.put("predict of too many", () -> compiled().predict(x(2, 3), x(2, 3)));
    m.put("predict of too few", () -> two().predict(x(2, 3)));
    m.put("predict of other rows", () -> two().predict(x(2, 3), x(4, 3)));
    m.put("predict of text", () -> compiled().predict(TEXT));
    m.put("predict in batches of none", () -> compiled().predictAll(List.of(x(2, 3)), 0));
    m.put("predict of null", () -> compiled().predict((Tensor) null));
    m.put(
        "fit without compile", () -> two().fit(List.of(x(2, 3), x(2, 3)), x(2, 1), Fit.epochs(1)));
    m.put("fit of other rows", () -> compiled().fit(x(4, 3), x(3, 2), Fit.epochs(1)));
    m.put("fit of no rows", () -> compiled().fit(x(0, 3), x(0, 2), Fit.epochs(1)));
    m.put("fit without targets", () -> compiled().fit(x(4, 3), null, Fit.epochs(1)));
    m.put("fit without inputs", () -> compiled().fit(null, x(4, 2), Fit.epochs(1)));
    m.put("fit of other targets", () -> compiled().fit(x(4, 3), x(4, 5), Fit.epochs(1)));
    m.put("batches of none", () -> compiled().fit(x(4, 3), x(4, 2), Fit.epochs(1).batchSize(0)));
    m.put("epochs below none", () -> compiled().fit(x(4, 3), x(4, 2), Fit.epochs(-1)));
    m.put(
        "validation of everything",
        () -> compiled().fit(x(4, 3), x(4, 2), Fit.epochs(1).validationSplit(1.5)));
    m.put("evaluate in batches of none", () -> compiled().evaluate(x(2, 3), x(2, 2), null, 0));
    m.put("evaluate without compile", () -> two().evaluate(List.of(x(2, 3), x(2, 3)), x(2, 1)));
    m.put("unknown loss", () -> fit("no_such_loss"));
    m.put("unknown metric", () -> fit("mse", "no_such_metric"));
    m.put("no optimizer", () -> two().compile((io.weft.optimizers.Optimizer) null, "mse"));
    m.put("too few weights", () -> compiled().setWeights(List.of()));
    m.put("weights of other shapes", () -> compiled().setWeights(List.of(x(2, 2), x(2))));
    m.put("no weights", () -> compiled().setWeights(Arrays.asList(null, null)));
    m.put("no such layer", () -> two().getLayer("nothing"));
    m.put("unknown activation", () -> new Dense(2, "no_such_activation"));
    m.put("units of none", () -> new Dense(0));
    m.put("load a folder", () -> Models.load(folder));
    m.put("load what is not there", () -> Models.load(folder.resolve("none.keras")));
    m.put("load an empty file", () -> Models.load(file("empty.keras", 0)));
    m.put("load an empty h5", () -> Models.load(file("empty.h5", 0)));
    m.put("load part of a file", () -> Models.load(half(".keras")));
    m.put("load part of an h5", () -> Models.load(half(".h5")));
    m.put("load an unknown kind", () -> Models.load(file("model.onnx", 10)));
    m.put("save to no folder", () -> compiled().save(folder.resolve("no/such/folder/m.keras")));
    m.put("save as an unknown kind", () -> compiled().save(folder.resolve("m.onnx")));
    m.put("weights of another model", () -> otherWeights());
    return m;
  }

  private static void fit(String loss, Object... metrics) {
    Model m = compiled();
    m.compile(new Adam(), loss, metrics);
    m.fit(x(4, 3), x(4, 2), Fit.epochs(1));
  }

  private void otherWeights() {
    Path f = folder.resolve("other.weights.h5");
    two().saveWeights(f);
    compiled().loadWeights(f);
  }

  private Path file(String name, int bytes) {
    try {
      return Files.write(folder.resolve(name), new byte[bytes]);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path half(String extension) {
    try {
      Path whole = folder.resolve("whole" + extension);
      compiled().save(whole);
      byte[] all = Files.readAllBytes(whole);
      return Files.write(folder.resolve("half" + extension), Arrays.copyOf(all, all.length / 2));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @TestFactory
  Stream<DynamicTest> ofTensors() {
    return tensors().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> refused(e.getValue())));
  }

  @TestFactory
  Stream<DynamicTest> ofModels() {
    return models().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> refused(e.getValue())));
  }

  private static void refused(Runnable misuse) {
    Throwable t = catchThrowable(misuse::run);
    assertThat(t).as("to be refused").isNotNull();
    assertThat(documented(t)).as(describe(t)).isTrue();
    assertThat(t.getMessage()).as(describe(t)).isNotBlank().hasSizeLessThan(1500);
  }

  private static boolean documented(Throwable t) {
    return t instanceof RuntimeException r
        && (Replay.isDocumented(r)
            || r.getClass() == IllegalArgumentException.class
            || r.getClass() == IndexOutOfBoundsException.class);
  }

  private static String describe(Throwable t) {
    return Replay.describe(t);
  }

  /** Every layer class, called with tensors that suit few of them. */
  @TestFactory
  Stream<DynamicTest> ofLayers() {
    List<LayerType<?>> types = new ArrayList<>();
    for (Entry<?> e : Registry.standard().entries()) {
      if (e instanceof LayerType<?> t) {
        types.add(t);
      }
    }
    return types.stream().map(t -> DynamicTest.dynamicTest(t.className(), () -> callStrangely(t)));
  }

  private static void callStrangely(LayerType<?> type) {
    List<List<Tensor>> calls =
        List.of(
            List.of(),
            List.of(Tensor.scalar(1f)),
            List.of(x(0)),
            List.of(x(2, 3)),
            List.of(x(0, 4, 4)),
            List.of(x(2, 0, 4), x(2, 0, 4)),
            List.of(x(1, 2, 3, 4), x(2, 3)),
            List.of(x(2, 4, 4), x(3, 5, 7), x(1)),
            List.of(TEXT),
            List.of(Ops.cast(x(2, 3), DType.INT32)),
            List.of(Ops.cast(x(2, 3, 4), DType.BOOL)),
            Arrays.asList((Tensor) null));
    for (List<Tensor> inputs : calls) {
      Throwable t =
          catchThrowable(() -> ((Layer) type.create(Config.EMPTY)).applyAll(inputs, CallArgs.NONE));
      if (t != null) {
        assertThat(documented(t)).as(inputs + ": " + describe(t)).isTrue();
      }
    }
  }

  @Test
  void afterAFailedFitTheModelIsUsable() {
    Model m = compiled();
    List<Tensor> before = m.getWeights();
    assertThat(catchThrowable(() -> m.fit(x(4, 3), x(4, 5), Fit.epochs(1)))).isNotNull();
    for (int i = 0; i < before.size(); i++) {
      assertThat(m.getWeights().get(i).toFloatArray()).isEqualTo(before.get(i).toFloatArray());
    }
    m.fit(x(4, 3), x(4, 2), Fit.epochs(1));
    assertThat(m.predict(x(2, 3)).shape()).isEqualTo(Shape.of(2, 2));
  }

  @Test
  void threadsThatBuildOneLayerGetOneSetOfWeights() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        Dense d = new Dense(5);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<float[]>> results = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          results.add(
              pool.submit(
                  () -> {
                    start.await();
                    return d.apply(A).toFloatArray();
                  }));
        }
        start.countDown();
        float[] first = results.get(0).get();
        for (Future<float[]> r : results) {
          assertThat(r.get()).isEqualTo(first);
        }
        assertThat(d.weights()).hasSize(2);
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
