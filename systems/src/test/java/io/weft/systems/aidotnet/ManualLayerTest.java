package io.weft.systems.aidotnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.autodiff.GradientTape;
import io.weft.backend.Backend;
import io.weft.backend.Backends;
import io.weft.backend.CompileOptions;
import io.weft.backend.Executable;
import io.weft.backend.Storage;
import io.weft.config.Config;
import io.weft.error.BackendException;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import io.weft.tensor.HostArray;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training by hand is the tape, and an exported graph is the layer. */
class ManualLayerTest {
  /** A layer and inputs for it. */
  record Example(ManualLayer layer, List<Tensor> inputs) {
    Tensor forward() {
      return layer.forward(inputs.toArray(Tensor[]::new));
    }

    @Override
    public String toString() {
      return layer.label() + " " + inputs.stream().map(Tensor::shape).toList();
    }
  }

  static List<Example> examples() {
    return List.of(
        new Example(cross(8, 6, 2), List.of(random(1, 2, 4, 8), random(2, 2, 3, 6))),
        new Example(cross(8, 6, 4), List.of(random(1, 3, 8, 2, 2), random(2, 1, 5, 6))),
        new Example(cross(8, 8, 2), List.of(random(1, 2, 4, 8))),
        new Example(
            DiffusionCrossAttention.builder(8, 6).numHeads(2).seed(3).build(),
            List.of(random(1, 2, 8, 2, 3), random(2, 2, 5, 6))),
        new Example(
            DiffusionAttention.builder(8).numHeads(2).seed(3).causal(true).build(),
            List.of(random(1, 2, 8, 2, 3))),
        new Example(
            DiffusionAttentionLayer.builder(8, 6, 2).seed(3).build(),
            List.of(random(1, 2, 4, 8), random(2, 2, 3, 6))),
        new Example(
            MultiHeadAttentionLayer.builder(4, 8, 2).seed(3).causal(true).build(),
            List.of(random(1, 2, 4, 8), random(2, 2, 4, 8), random(4, 2, 4, 8))),
        new Example(
            FlashAttentionLayer.builder(5, 8, 2).seed(3).activation("tanh").build(),
            List.of(random(1, 2, 5, 8))));
  }

  private static CrossAttentionLayer cross(int q, int c, int heads) {
    return CrossAttentionLayer.builder(q, c, heads).seed(3).build();
  }

  static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double[] a = actual.toDoubleArray();
    double[] e = expected.toDoubleArray();
    for (int i = 0; i < e.length; i++) {
      assertThat(a[i]).as("element %d", i).isCloseTo(e[i], within(tolerance));
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void backwardIsTheTape(Example e) {
    Tensor y = e.forward();
    Tensor dy = random(9, y.shape().dims());
    List<Tensor> dx = e.layer().backward(dy);
    assertThat(dx).hasSameSizeAs(e.inputs());
    List<Tensor> sources = new ArrayList<>(e.inputs());
    e.layer().trainableWeights().forEach(w -> sources.add(w.concrete()));
    try (GradientTape tape = GradientTape.open()) {
      Tensor again = e.layer().apply(e.inputs().toArray(Tensor[]::new));
      List<Tensor> expected = tape.gradients(List.of(again), List.of(dy), sources);
      for (int i = 0; i < dx.size(); i++) {
        assertClose(dx.get(i), expected.get(i), 0);
      }
      float[] flat = e.layer().parameterGradients().toFloatArray();
      int at = 0;
      for (Tensor g : expected.subList(dx.size(), expected.size())) {
        for (float v : g.toFloatArray()) {
          assertThat(flat[at++]).isEqualTo(v);
        }
      }
      assertThat(at).isEqualTo(flat.length);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void handTrainingLearnsEveryWeight(Example e) {
    Tensor target = random(5, e.forward().shape().dims()).times(0.3);
    List<Tensor> before = e.layer().getWeights();
    double first = Double.NaN;
    double loss = Double.NaN;
    for (int step = 0; step < 60; step++) {
      Tensor error = e.forward().minus(target);
      loss = Ops.mean(Ops.square(error)).item();
      first = step == 0 ? loss : first;
      e.layer().backward(error.times(2.0 / error.shape().size()));
      e.layer().updateParameters(0.5);
    }
    assertThat(loss).isLessThan(0.9 * first);
    List<Tensor> after = e.layer().getWeights();
    for (int i = 0; i < after.size(); i++) {
      assertThat(after.get(i).toFloatArray()).isNotEqualTo(before.get(i).toFloatArray());
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void exportedGraphIsTheLayer(Example e) {
    Shape[] shapes = e.inputs().stream().map(Tensor::shape).toArray(Shape[]::new);
    List<ComputationNode> inputs = new ArrayList<>();
    ComputationNode y = e.layer().exportComputationGraph(inputs, shapes);
    assertThat(inputs).extracting(ComputationNode::name).first().isIn("query", "input");
    assertThat(inputs).hasSameSizeAs(e.inputs());
    for (int round = 0; round < 2; round++) { // a step between: the graph has the present weights
      for (int i = 0; i < inputs.size(); i++) {
        inputs.get(i).setValue(e.inputs().get(i));
      }
      Tensor expected = e.forward();
      assertClose(y.evaluate(), expected, 0);
      Tensor dy = random(9, expected.shape().dims());
      y.backward(dy);
      List<Tensor> dx = e.layer().backward(dy);
      for (int i = 0; i < dx.size(); i++) {
        assertClose(inputs.get(i).gradient().orElseThrow(), dx.get(i), 1e-6);
      }
      e.layer().updateParameters(0.1);
    }
  }

  @Test
  void exportsDeclaredShapes() {
    List<ComputationNode> inputs = new ArrayList<>();
    ComputationNode y = cross(8, 6, 2).exportComputationGraph(inputs);
    assertThat(inputs.get(0).spec().shape()).isEqualTo(Shape.of(1, 64, 8));
    assertThat(inputs.get(1).spec().shape()).isEqualTo(Shape.of(1, 77, 6));
    assertThat(y.operationType()).isPresent();
    assertThat(y.parents()).isNotEmpty();
    assertThatThrownBy(y::evaluate)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("setValue");
    assertThatThrownBy(() -> inputs.get(0).setValue(random(1, 1, 64, 7)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> y.setValue(random(1, 1, 64, 8)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> cross(8, 6, 2).exportComputationGraph(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void ordersItsSteps() {
    CrossAttentionLayer layer = cross(8, 8, 2);
    Tensor x = random(1, 2, 4, 8);
    assertThatThrownBy(() -> layer.backward(x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("forward must be called before backward");
    layer.forward(x);
    assertThatThrownBy(() -> layer.updateParameters(0.1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> layer.backward(random(1, 2, 3, 8)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(2, 4, 8)")
        .hasMessageContaining("(2, 3, 8)");
    layer.backward(x);
    layer.clearGradients();
    assertThatThrownBy(() -> layer.updateParameters(0.1)).isInstanceOf(IllegalStateException.class);
    float[] before = layer.getParameters();
    layer.resetState();
    assertThat(layer.getParameters()).isEqualTo(before);
    assertThatThrownBy(() -> layer.backward(x)).isInstanceOf(IllegalStateException.class);
    layer.setTrainingMode(false);
    layer.forward(x);
    assertThatThrownBy(() -> layer.backward(x)).isInstanceOf(IllegalStateException.class);
    layer.close();
    layer.close();
    layer.setTrainingMode(true);
    layer.forward(x);
    layer.backward(x);
    assertThatThrownBy(() -> layer.updateParameters(Double.NaN))
        .isInstanceOf(ConfigException.class);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyDeviceRunsIt(Example e) {
    assertThat(e.layer().supportsDevice(Backends.current())).isTrue();
    assertThat(e.layer().supportsDevice(new NoDevice())).isFalse();
  }

  /** A device that compiles nothing. */
  private static final class NoDevice implements Backend {
    @Override
    public String name() {
      return "none";
    }

    @Override
    public boolean supports(Op op, List<TensorSpec> in) {
      return false;
    }

    @Override
    public Storage upload(HostArray array, boolean owned) {
      throw new BackendException("none");
    }

    @Override
    public HostArray download(Storage storage, Shape shape) {
      throw new BackendException("none");
    }

    @Override
    public Executable compile(Graph graph, CompileOptions options) {
      throw new UnsupportedFeatureException("none");
    }

    @Override
    public List<Storage> run(Executable executable, List<Storage> inputs) {
      throw new BackendException("none");
    }

    @Override
    public String diagnostics() {
      return "";
    }
  }

  @Test
  void oneTensorGivenTwiceHasTwoGradients() {
    CrossAttentionLayer layer = cross(8, 8, 2);
    Tensor x = random(1, 2, 4, 8);
    Tensor dy = random(2, 2, 4, 8);
    layer.forward(x);
    Tensor whole = layer.backward(dy).get(0);
    layer.forward(x, x);
    List<Tensor> parts = layer.backward(dy);
    assertClose(parts.get(0).plus(parts.get(1)), whole, 1e-5);
  }

  @Test
  void takesNamedInputs() {
    CrossAttentionLayer layer = cross(8, 6, 2);
    Tensor q = random(1, 2, 4, 8);
    Tensor c = random(2, 2, 3, 6);
    assertThat(layer.inputPorts())
        .containsExactly(
            new ManualLayer.Port("query", true), new ManualLayer.Port("context", false));
    assertThat(layer.outputPorts()).containsExactly(new ManualLayer.Port("output", true));
    assertClose(layer.forward(Map.of("query", q, "context", c)), layer.forward(q, c), 0);
    assertThatThrownBy(() -> layer.forward(Map.of("context", c)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'query' is required");
    assertThatThrownBy(() -> layer.forward(Map.of("query", q, "key", c)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'key'");
    assertThatThrownBy(() -> layer.forward(Map.of("query", q)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Context feature dimension (8) must match expected 6");
  }

  @Test
  void refusesWhatDoesNotFit() {
    CrossAttentionLayer layer = cross(8, 6, 2);
    Tensor q = random(1, 2, 4, 8);
    assertThatThrownBy(() -> layer.forward(random(1, 2, 4, 7), random(1, 2, 3, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Query feature dimension (7) must match expected 8");
    assertThatThrownBy(() -> layer.forward(q, random(1, 3, 3, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Context batch dimension (3) must match query batch (2) or be 1");
    assertThatThrownBy(layer::forward).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> layer.forward(q, random(1, 2, 3, 6), q))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("requires 1 or 2 inputs");
    assertThatThrownBy(() -> new CrossAttentionLayer(8, 6, 3))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Query dimension (8) must be divisible by head count (3)");
    assertThatThrownBy(() -> new DiffusionCrossAttention(0, 6)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new DiffusionAttention(-8)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> DiffusionAttention.builder(8).numHeads(0).build())
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new DiffusionAttention(8).forward(random(1, 4, 8)))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void parametersAreOneVector() {
    CrossAttentionLayer layer = cross(8, 6, 2);
    assertThat(layer.parameterCount()).isEqualTo(2 * 64 + 2 * 48 + 8);
    assertThat(layer.supportsTraining()).isTrue();
    float[] p = layer.getParameters();
    assertThat(p).hasSize(232);
    assertThat(p[0]).isEqualTo(layer.weights().get(0).concrete().toFloatArray()[0]);
    CrossAttentionLayer other = CrossAttentionLayer.builder(8, 6, 2).seed(4).build();
    other.setParameters(p);
    Tensor q = random(1, 2, 4, 8);
    Tensor c = random(2, 2, 3, 6);
    assertClose(other.forward(q, c), layer.forward(q, c), 0);
    assertThatThrownBy(() -> layer.setParameters(new float[231]))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("232")
        .hasMessageContaining("231");
    assertThatThrownBy(() -> layer.setParameters(new float[233]))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void weightsHaveNames() {
    CrossAttentionLayer layer = cross(8, 6, 2);
    assertThat(layer.parameterNames())
        .containsExactly(
            "query_weights", "key_weights", "value_weights", "output_weights", "output_bias");
    assertThat(layer.namedParameterCount()).isEqualTo(5);
    assertThat(layer.parameterShape("KEY_weights")).contains(Shape.of(6, 8));
    assertThat(layer.parameter("nothing")).isEmpty();
    assertThat(layer.setParameter("nothing", random(1, 8))).isFalse();
    assertThat(layer.setParameter("output_bias", random(1, 8))).isTrue();
    assertClose(layer.parameter("output_bias").orElseThrow(), random(1, 8), 0);
    assertThatThrownBy(() -> layer.setParameter("output_bias", random(1, 7)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(8")
        .hasMessageContaining("(7");
  }

  @Test
  void validatesAndLoadsNamedWeights() {
    CrossAttentionLayer layer = cross(8, 6, 2);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    weights.put("attn.Query_Weights", random(1, 8, 8));
    weights.put("attn.key_weights", random(2, 8, 6));
    weights.put("attn.extra", random(3, 1));
    weights.put("other", random(3, 1));
    var names = new HashMap<String, String>();
    weights.keySet().forEach(n -> names.put(n, n.startsWith("attn.") ? n.substring(5) : null));
    WeightLoadable.ValidationReport v = layer.validateWeights(weights, names::get);
    assertThat(v.matched()).containsExactly("query_weights", "key_weights");
    assertThat(v.unmatchedWeights()).containsExactly("attn.extra", "other");
    assertThat(v.missingParameters())
        .containsExactly("value_weights", "output_weights", "output_bias");
    assertThat(v.shapeMismatches())
        .containsExactly(
            new WeightLoadable.ShapeMismatch("attn.key_weights", Shape.of(6, 8), Shape.of(8, 6)));
    assertThat(v.isValid()).isFalse();
    assertThat(v.isComplete()).isFalse();
    assertThat(layer.validateWeights(layer.parameterNames(), null).isComplete()).isTrue();

    float[] before = layer.getParameters();
    WeightLoadable.LoadReport strict = layer.loadWeights(weights, names::get, true);
    assertThat(strict.success()).isFalse();
    assertThat(strict.errorMessage())
        .hasValueSatisfying(m -> assertThat(m).contains("key_weights"));
    assertThat(layer.getParameters()).isEqualTo(before);

    WeightLoadable.LoadReport loose = layer.loadWeights(weights, names::get, false);
    assertThat(loose.success()).isTrue();
    assertThat(loose.loadedParameters()).containsExactly("query_weights");
    assertThat(loose.skipped()).containsExactly("attn.extra", "other");
    assertThat(loose.failedCount()).isEqualTo(1);
    assertClose(layer.parameter("query_weights").orElseThrow(), random(1, 8, 8), 0);
  }

  @Test
  void startsAreIndependentAndRepeat() {
    CrossAttentionLayer a = CrossAttentionLayer.builder(16, 16, 2).seed(7).build();
    float[] first = a.getParameters();
    Seeds.next();
    CrossAttentionLayer b = CrossAttentionLayer.builder(16, 16, 2).seed(7).build();
    Seeds.next();
    // the last weight is read first
    assertThat(b.parameter("output_weights").orElseThrow().toFloatArray()).hasSize(256);
    assertThat(b.getParameters()).isEqualTo(first);
    List<Variable> w = a.weights();
    for (int i = 0; i < 4; i++) {
      double deviation = Math.sqrt(Ops.var(w.get(i).concrete(), new int[] {0, 1}, false).item());
      double expected = Math.sqrt(2.0 / 32);
      assertThat(deviation).isBetween(0.5 * expected, 2 * expected);
      for (int j = 0; j < i; j++) {
        assertThat(w.get(i).concrete().toFloatArray())
            .isNotEqualTo(w.get(j).concrete().toFloatArray());
      }
    }
    CrossAttentionLayer zero =
        CrossAttentionLayer.builder(16, 16, 2).zeroOutputProjection(true).build();
    assertThat(zero.forward(random(1, 2, 3, 16)).toFloatArray()).containsOnly(0f);
  }

  @Test
  void aCopyHasWeightsOfItsOwn() {
    CrossAttentionLayer a = cross(8, 8, 2);
    Layer b = a.copy();
    assertThat(b).isNotSameAs(a);
    b.build(Shape.of(1, 2, 8));
    float[] before = a.getParameters();
    b.weights().get(0).assign(random(1, 8, 8));
    assertThat(a.getParameters()).isEqualTo(before);
  }

  @Test
  void saysWhatItIs() {
    DiffusionAttention layer =
        DiffusionAttention.builder(8).numHeads(2).spatialSize(4).flashAttentionThreshold(6).build();
    assertThat(layer.diagnostics().keySet())
        .containsExactly(
            "layer.type",
            "layer.input_shape",
            "layer.output_shape",
            "layer.parameter_count",
            "layer.supports_training",
            "layer.activation",
            "Channels",
            "NumHeads",
            "HeadDim",
            "SpatialSize",
            "FlashAttentionThreshold",
            "LastUsedFlashAttention");
    assertThat(layer.diagnostics())
        .containsEntry("layer.type", "DiffusionAttention")
        .containsEntry("layer.input_shape", "[1, 16, 8]")
        .containsEntry("layer.parameter_count", "264")
        .containsEntry("layer.supports_training", "True")
        .containsEntry("layer.activation", "IdentityActivation (scalar)")
        .containsEntry("LastUsedFlashAttention", "False");
    layer.forward(random(1, 1, 8, 2, 3));
    assertThat(layer.diagnostics()).containsEntry("LastUsedFlashAttention", "True");
    layer.forward(random(1, 1, 5, 8));
    assertThat(layer.diagnostics()).containsEntry("LastUsedFlashAttention", "False");
    assertThat(new FlashAttentionLayer(4, 8, 2).diagnostics())
        .containsEntry("layer.input_shape", "[4, 8]")
        .containsEntry("Precision", "Float32")
        .containsEntry("RecomputeInBackward", "True");
    assertThat(layer.flashAttentionEnabled()).isTrue();
    assertThat(layer.supportsJitCompilation()).isTrue();
  }

  @Test
  void configsGoRound() {
    for (Example e : examples()) {
      Config c = e.layer().getConfig().pure();
      LayerType<?> type = e.layer().type();
      assertThat(type.create(c).getConfig().pure()).isEqualTo(c);
    }
  }
}
