package io.weft.systems.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Registry;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.Node;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.Input;
import io.weft.layers.core.InputLayer;
import io.weft.layers.merging.Add;
import io.weft.layers.rnn.LSTM;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.models.Sequential;
import io.weft.optimizers.Sgd;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.training.Fit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shapes and masks that layers tell, and the calls that they know. */
class GraphTest {
  private static Layer producer(KerasTensor t) {
    return (Layer) ((Node) t.producer()).operation();
  }

  private static Tensor ones(int... shape) {
    return Ops.ones(Shape.of(shape), DType.FLOAT32);
  }

  @Test
  void oneCallIsTheCall() {
    KerasTensor x = Input.of(3);
    Dense d = new Dense(2);
    Tensor y = d.apply(x);
    assertThat(d.input()).isSameAs(x);
    assertThat(d.output()).isSameAs(y);
    assertThat(d.inputAt(0)).isSameAs(x);
    assertThat(d.outputAt(0)).isSameAs(y);
    assertThat(d.inputShape()).isEqualTo(Shape.of(-1, 3));
    assertThat(d.outputShape()).isEqualTo(Shape.of(-1, 2));
    assertThat(d.inputShapeAt(0)).isEqualTo(Shape.of(-1, 3));
    assertThat(d.outputShapeAt(0)).isEqualTo(Shape.of(-1, 2));
    assertThat(d.inputMask()).isNull();
    assertThat(d.outputMaskAt(0)).isNull();
    Layer input = producer(x);
    assertThat(input.inboundNodes()).hasSize(1);
    assertThat(input.outboundNodes()).isEqualTo(d.inboundNodes());
    assertThat(d.outboundNodes()).isEmpty();
    assertThatThrownBy(() -> d.inboundNodes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void withoutACallThereIsNothingToTell() {
    Dense d = new Dense(2);
    d.apply(ones(2, 3));
    assertThat(d.inboundNodes()).isEmpty();
    List<Runnable> asked =
        List.of(
            d::input,
            d::output,
            d::inputShape,
            d::outputShape,
            d::inputMask,
            d::outputMask,
            () -> d.inputAt(0),
            () -> d.outputAt(0),
            () -> d.inputShapeAt(0),
            () -> d.outputShapeAt(0),
            () -> d.inputMaskAt(0),
            () -> d.outputMaskAt(0));
    for (Runnable r : asked) {
      assertThatThrownBy(r::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("called on Keras tensors");
    }
  }

  @Test
  void severalCallsAreNumbered() {
    KerasTensor a = Input.of("a", -1, 3);
    KerasTensor b = Input.of("b", 5, 3);
    Dense d = Dense.builder(2).name("shared").build();
    Tensor first = d.apply(a);
    Tensor second = d.apply(a);
    assertThatThrownBy(d::output)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("outputAt(0) to outputAt(1)");
    assertThatThrownBy(d::inputMask).hasMessageContaining("inputMaskAt");
    assertThat(d.outputAt(0)).isSameAs(first);
    assertThat(d.outputAt(1)).isSameAs(second);
    assertThat(d.inputShape()).isEqualTo(Shape.of(-1, -1, 3));
    d.apply(b);
    assertThat(d.inputShapeAt(2)).isEqualTo(Shape.of(-1, 5, 3));
    assertThatThrownBy(d::outputShape)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("(None, 5, 2)")
        .hasMessageContaining("outputShapeAt");
    for (int bad : new int[] {-1, 3}) {
      assertThatThrownBy(() -> d.inputAt(bad))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("from 0 to 2");
    }
    assertThat(producer(a).outboundNodes()).hasSize(2);
  }

  @Test
  void callsOfSeveralTensorsAreAskedForTheirNode() {
    KerasTensor a = Input.of(3);
    Add add = new Add();
    Tensor sum = add.apply(a, a);
    assertThatThrownBy(add::input)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inboundNodes().get(i).inputs()");
    assertThat(add.inboundNodes().get(0).inputs()).containsExactly(a, a);
    assertThat(add.output()).isSameAs(sum);
    assertThat(producer(a).outboundNodes()).as("once for each time it is taken").hasSize(2);
  }

  @Test
  void opsKnowTheirCallsToo() {
    KerasTensor a = Input.of(3);
    KerasTensor y = (KerasTensor) Ops.tanh(a);
    Node node = (Node) y.producer();
    assertThat(node.operation().output()).isSameAs(y);
    assertThat(node.operation().input()).isSameAs(a);
    assertThat(producer(a).outboundNodes()).containsExactly(node);
  }

  @Test
  void masksAreKerasTensors() {
    KerasTensor ids = Input.of("ids", "int32", 4);
    Embedding e = Embedding.builder(5, 3).maskZero(true).build();
    LSTM sequences = LSTM.builder(2).returnSequences(true).build();
    LSTM last = new LSTM(2);
    Tensor y = last.apply(sequences.apply(e.apply(ids)));
    assertThat(producer(ids).outboundNodes()).as("ops of masks come when asked for").hasSize(1);
    Tensor mask = last.inputMask();
    assertThat(mask).isInstanceOf(KerasTensor.class).isSameAs(e.outputMask());
    assertThat(sequences.outputMaskAt(0)).isSameAs(mask);
    assertThat(last.outputMask()).isNull();
    assertThat(e.inputMask()).isNull();
    Functional both = new Functional(ids, List.of(y, mask));
    Tensor given = Tensor.of(new int[] {3, 0, 1, 0}, 1, 4);
    assertThat(both.predictAll(List.of(given), 32).get(1).toDoubleArray())
        .containsExactly(1, 0, 1, 0);
  }

  @Test
  void anExplicitMaskCounts() {
    KerasTensor x = Input.of(4, 3);
    KerasTensor mask = Input.of("mask", "bool", 4);
    LSTM l = LSTM.builder(2).returnSequences(true).build();
    l.apply(x, CallArgs.of("mask", mask));
    assertThat(l.outputMask()).isSameAs(mask);
  }

  @Test
  void masksFlowThroughDeepGraphs() {
    KerasTensor ids = Input.of("ids", "int32", 2);
    Tensor x = Embedding.builder(5, 1).maskZero(true).build().apply(ids);
    Add last = null;
    for (int i = 0; i < 1500; i++) {
      last = new Add();
      x = last.apply(x, x);
    }
    assertThat(last.outputMask()).isNotNull();
  }

  @Test
  void modelsHaveEndsOfTheirOwn() {
    KerasTensor x = Input.of(3);
    Dense d = new Dense(2);
    Functional m = new Functional(x, d.apply(x));
    assertThat(m.inboundNodes()).isEmpty();
    assertThat(m.input()).isSameAs(x);
    KerasTensor other = Input.of(3);
    Tensor y = m.apply(other);
    assertThat(m.input()).isSameAs(x);
    assertThat(m.output()).isSameAs(d.output());
    assertThat(m.outputShape()).isEqualTo(Shape.of(-1, 2));
    assertThat(m.inputAt(0)).isSameAs(other);
    assertThat(m.outputAt(0)).isSameAs(y);
    assertThat(d.inboundNodes()).as("a call of the model is none of its layers").hasSize(1);
    Functional two = new Functional(List.of(x, other), List.of(d.output(), y));
    assertThatThrownBy(two::input)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Use inputs()");
  }

  @Test
  void layersOfASequentialAreCalledOnce() {
    Dense a = new Dense(4);
    Dense b = new Dense(2);
    Sequential declared = new Sequential(InputLayer.of("x", 3), a, b);
    assertThat(a.inboundNodes()).hasSize(1);
    assertThat(a.outboundNodes()).isEqualTo(b.inboundNodes());
    assertThat(declared.inputs()).isSameAs(a.input());
    assertThat(declared.output()).isSameAs(b.output());
    Functional features = new Functional(declared.input(), a.output());
    Tensor x = ones(5, 3);
    assertThat(features.predict(x).toFloatArray()).isEqualTo(a.apply(x).toFloatArray());
    Dense c = new Dense(2);
    Sequential late = new Sequential(c);
    assertThatThrownBy(late::inputs).isInstanceOf(IllegalStateException.class);
    late.predict(x);
    late.predict(x);
    late.apply(Input.of(3));
    assertThat(c.inboundNodes()).hasSize(1);
    assertThat(late.inboundNodes()).hasSize(1);
  }

  @Test
  void runsAddNoNodes() {
    Seeds.set(1);
    KerasTensor in = Input.of(3);
    Nest nest = new Nest();
    Functional m = new Functional(in, nest.apply(in));
    m.compile(new Sgd(0.1), "mse");
    m.fit(ones(6, 3), ones(6, 2), Fit.epochs(2).batchSize(4).validation(ones(4, 3), ones(4, 2)));
    m.predict(ones(7, 3));
    m.computeOutputShape(Shape.of(-1, 3));
    assertThat(nest.inboundNodes()).hasSize(1);
    assertThat(nest.outboundNodes()).isEmpty();
    assertThat(nest.dense.inboundNodes()).isEmpty();
    assertThat(producer(in).outboundNodes()).hasSize(1);
    assertThat(m.inboundNodes()).isEmpty();
  }

  @Test
  void filesHoldTheCallsOfTheirModelAlone(@TempDir Path folder) {
    KerasTensor x = Input.of(3);
    Dense d = new Dense(3);
    Functional before = new Functional(x, d.apply(d.apply(x)));
    Object config = before.getConfig();
    KerasTensor other = Input.of(3);
    new Functional(other, d.apply(other));
    d.outputMaskAt(1);
    assertThat(before.getConfig()).isEqualTo(config);
    before.save(folder.resolve("m.keras"));
    Model again = Models.load(folder.resolve("m.keras"));
    Layer copied = again.getLayer(d.name());
    assertThat(copied.inboundNodes()).hasSize(2);
    assertThat(copied.outputAt(1)).isSameAs(again.output());
    assertThat(d.inboundNodes()).hasSize(3);
    assertThat(d.copy().inboundNodes()).isEmpty();
    Layer clone = (Layer) Registry.standard().restore(before.serialized(), "model");
    assertThat(((Model) clone).getLayer(d.name()).inboundNodes()).hasSize(2);
  }

  @Test
  void threadsMayCallOneLayer() throws Exception {
    Dense d = new Dense(2);
    d.build(Shape.of(-1, 3));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        done.add(
            pool.submit(
                () -> {
                  for (int k = 0; k < 50; k++) {
                    d.apply(Input.of(3));
                  }
                }));
      }
      for (Future<?> f : done) {
        f.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(d.inboundNodes()).hasSize(100).doesNotContainNull();
  }

  @Test
  void shapesAndSignaturesNeedNoRun() {
    Dense d = Dense.builder(2).dtype("mixed_float16").build();
    assertThat(d.computeOutputShape(Shape.of(-1, 3))).containsExactly(Shape.of(-1, 2));
    TensorSpec in = new TensorSpec(Shape.of(-1, 3), DType.FLOAT32);
    assertThat(d.computeOutputSpec(List.of(in), CallArgs.NONE))
        .containsExactly(new TensorSpec(Shape.of(-1, 2), DType.FLOAT16));
  }

  @Test
  void masksOfAnyInputsCanBeAskedFor() {
    Tensor ids = Tensor.of(new int[] {3, 0}, 1, 2);
    Embedding e = Embedding.builder(5, 3).maskZero(true).build();
    assertThat(e.supportsMasking()).isTrue();
    assertThat(e.computeMask(List.of(ids), Collections.singletonList(null)).get(0).toDoubleArray())
        .containsExactly(1, 0);
    Scale plain = new Scale();
    assertThat(plain.computeMask(List.of(ids), Collections.singletonList(null)))
        .isEqualTo(Arrays.asList((Tensor) null));
    assertThatThrownBy(() -> plain.computeMask(List.of(ids), List.of(ids)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("computeMask");
  }
}
