package io.weft.systems.aidotnet;

import io.weft.autodiff.GradientTape;
import io.weft.backend.Backend;
import io.weft.backend.CompileOptions;
import io.weft.config.Config;
import io.weft.error.BackendException;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Graph;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A layer that can also be trained by hand, in AiDotNet's style: {@code forward}, {@code backward},
 * {@code updateParameters}. All of it is a view of the gradient tape: {@code forward} records the
 * ordinary call, {@code backward} walks the record.
 *
 * <pre>{@code
 * Tensor y = layer.forward(query, context);
 * List<Tensor> dx = layer.backward(y.minus(target));
 * layer.updateParameters(0.1);
 * }</pre>
 *
 * <p>This style keeps what was recorded last, so it is for one thread at a time; {@code apply}, in
 * models and out of them, keeps nothing and is for any number. Tensors lie where their backend puts
 * them: what the original offers twice, with and without {@code Gpu} in the name, is one method
 * here. Nothing has to be freed; {@link #close} drops the record.
 */
public abstract class ManualLayer extends Layer implements WeightLoadable, AutoCloseable {
  private boolean training = true;
  private Recorded last;
  private Shape lastInput;
  private List<Tensor> gradients;

  /** A call: what went in and came out, and the values of the weights that the tape has seen. */
  private record Recorded(
      GradientTape tape,
      List<Tensor> inputs,
      Tensor output,
      List<Variable> weights,
      List<Tensor> values) {}

  /**
   * An input or output of the named form of a call.
   *
   * @param required whether a call must give it
   */
  public record Port(String name, boolean required) {}

  ManualLayer(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** The shapes that the constructor's arguments speak of, one for each input. */
  abstract List<Shape> declaredShapes();

  /** The declared shape as the original shows it. */
  abstract Shape shownShape();

  private void ensureBuilt() {
    if (!isBuilt()) {
      build(declaredShapes().toArray(Shape[]::new));
    }
  }

  // ---------------------------------------------------------------- forward

  /**
   * Calls the layer and records the call for {@link #backward}, unless training mode is off.
   *
   * @param inputs the query, then the context if the layer takes one; null is no context
   */
  public final Tensor forward(Tensor... inputs) {
    List<Tensor> in = distinct(inputs);
    last = null;
    gradients = null;
    CallArgs call = CallArgs.training(training);
    Tensor y;
    if (training) {
      try (GradientTape tape = GradientTape.open()) {
        y = recorded(in, call);
        List<Variable> weights = trainableWeights();
        last =
            new Recorded(tape, in, y, weights, weights.stream().map(Variable::concrete).toList());
      }
    } else {
      y = recorded(in, call);
    }
    lastInput = in.get(0).shape();
    return y;
  }

  /** The output of a call by hand. */
  Tensor recorded(List<Tensor> inputs, CallArgs call) {
    return applyAll(inputs, call).get(0);
  }

  /** Inputs that are one tensor given twice get gradients of their own. */
  private static List<Tensor> distinct(Tensor... inputs) {
    List<Tensor> all = new ArrayList<>();
    for (Tensor t : inputs) {
      boolean twice = t != null && all.stream().anyMatch(o -> o.identity() == t.identity());
      all.add(twice ? Tensor.of(t.toHostArray()).withMask(t.mask()) : t);
    }
    while (!all.isEmpty() && all.get(all.size() - 1) == null) {
      all.remove(all.size() - 1);
    }
    return all;
  }

  /**
   * Calls the layer with inputs by the names of {@link #inputPorts}.
   *
   * @throws ConfigException for a name that is none, and without a required one
   */
  public final Tensor forward(Map<String, Tensor> ports) {
    List<String> names = inputPorts().stream().map(Port::name).toList();
    for (String given : ports.keySet()) {
      if (!names.contains(given)) {
        throw new ConfigException(
            label() + ": expected inputs named " + names + ". Received: '" + given + "'");
      }
    }
    if (ports.get(names.get(0)) == null) {
      throw new ConfigException(
          label() + ": input '" + names.get(0) + "' is required. Received: " + ports.keySet());
    }
    return forward(names.stream().map(ports::get).toArray(Tensor[]::new));
  }

  /** The inputs of the named form; the first one is required. */
  public final List<Port> inputPorts() {
    List<Port> ports = new ArrayList<>();
    for (String name : type().callArgs().subList(0, type().tensorArgs())) {
      ports.add(new Port(name, ports.isEmpty()));
    }
    return List.copyOf(ports);
  }

  /** The outputs of the named form. */
  public final List<Port> outputPorts() {
    return List.of(new Port("output", true));
  }

  /**
   * Whether a device can run the layer: whether it compiles a call of one row of the declared
   * shapes. Devices decompose ops that they have no kernel for, so all of Weft's can.
   */
  public final boolean supportsDevice(Backend device) {
    ensureBuilt();
    List<TensorSpec> specs = new ArrayList<>();
    declaredShapes().forEach(s -> specs.add(new TensorSpec(s.filled(1), policy().compute())));
    CallArgs call = CallArgs.training(false);
    Graph graph = Trace.capture(specs, in -> applyAll(in, call)).graph();
    try {
      device.compile(graph, CompileOptions.DEFAULT);
      return true;
    } catch (BackendException | UnsupportedFeatureException e) {
      return false;
    }
  }

  /** Whether {@link #forward} is a step of training: dropout works, the call is recorded. */
  public final void setTrainingMode(boolean on) {
    training = on;
  }

  /** The first input of the last {@link #forward}; empty before. */
  final Optional<Shape> lastInput() {
    return Optional.ofNullable(lastInput);
  }

  // ---------------------------------------------------------------- backward

  /**
   * The gradients of the last {@link #forward}, one for each of its inputs; those of the weights
   * are kept for {@link #updateParameters}.
   *
   * @param outputGradient the gradient of the output, with the output's shape
   * @throws IllegalStateException before a forward in training mode
   */
  public final List<Tensor> backward(Tensor outputGradient) {
    if (last == null) {
      throw new IllegalStateException(
          label()
              + ": forward must be called before backward, in training mode. Received: no record.");
    }
    Recorded r = last;
    if (!outputGradient.shape().equals(r.output().shape())) {
      throw new ShapeException(
          label()
              + ": expected a gradient of the output's shape "
              + r.output().shape()
              + ". Received: "
              + outputGradient.shape());
    }
    List<Tensor> sources = new ArrayList<>(r.inputs());
    sources.addAll(r.values());
    Tensor seed = Ops.cast(outputGradient, r.output().dtype());
    List<Tensor> all = r.tape().gradients(List.of(r.output()), List.of(seed), sources);
    List<Tensor> filled = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      filled.add(all.get(i) == null ? Ops.zerosLike(sources.get(i)) : all.get(i));
    }
    int n = r.inputs().size();
    gradients = List.copyOf(filled.subList(n, filled.size()));
    return List.copyOf(filled.subList(0, n));
  }

  /**
   * A step of plain gradient descent, {@code w ← w − rate · dw}, with the gradients of the last
   * {@link #backward}.
   *
   * @throws IllegalStateException before a backward
   */
  public final void updateParameters(double learningRate) {
    List<Tensor> g = requireGradients();
    if (!Double.isFinite(learningRate)) {
      throw new ConfigException(
          label() + ": learningRate must be a finite number. Received: " + learningRate);
    }
    List<Variable> weights = last.weights();
    for (int i = 0; i < weights.size(); i++) {
      Variable w = weights.get(i);
      w.assign(w.concrete().minus(g.get(i).times(learningRate)));
    }
  }

  private List<Tensor> requireGradients() {
    if (gradients == null) {
      throw new IllegalStateException(
          label() + ": backward must be called before its gradients are used.");
    }
    return gradients;
  }

  /** The gradients of the last {@link #backward} in the order of {@link #parameterVector}. */
  public final Tensor parameterGradients() {
    return flat(requireGradients());
  }

  /** Forgets the gradients. */
  public final void clearGradients() {
    gradients = null;
  }

  /** Forgets the last call and its gradients; the weights stay. */
  public final void resetState() {
    last = null;
    lastInput = null;
    gradients = null;
  }

  /** Drops what {@link #resetState} does; the layer stays usable. */
  @Override
  public final void close() {
    resetState();
  }

  // ---------------------------------------------------------------- parameters

  /** Whether there are weights that training changes. */
  public final boolean supportsTraining() {
    ensureBuilt();
    return !trainableWeights().isEmpty();
  }

  /** Number of elements of all weights. */
  public final long parameterCount() {
    ensureBuilt();
    return countParams();
  }

  /** All weights, one after the other, each row by row; in the dtype of the weights. */
  public final Tensor parameterVector() {
    ensureBuilt();
    return flat(getWeights());
  }

  /** {@link #parameterVector} as floats; weights in float64 are rounded. */
  public final float[] getParameters() {
    return parameterVector().toFloatArray();
  }

  private static Tensor flat(List<Tensor> tensors) {
    List<Tensor> rows = new ArrayList<>();
    tensors.forEach(t -> rows.add(Ops.reshape(t, t.shape().intSize())));
    return Ops.concatenate(rows, 0);
  }

  /**
   * Sets all weights from a vector of the order of {@link #parameterVector}.
   *
   * @throws ShapeException naming both lengths
   */
  public final void setParameters(Tensor vector) {
    ensureBuilt();
    if (vector.rank() != 1 || vector.dim(0) != countParams()) {
      throw new ShapeException(
          label()
              + ": expected a vector of "
              + countParams()
              + " parameters. Received: shape "
              + vector.shape());
    }
    List<Tensor> values = new ArrayList<>();
    int from = 0;
    for (Variable w : weights()) {
      int n = w.shape().intSize();
      Tensor part = Ops.slice(vector, new int[] {from}, new int[] {n});
      values.add(Ops.reshape(part, w.shape().dims()));
      from += n;
    }
    setWeights(values);
  }

  /** {@link #setParameters(Tensor)} from floats. */
  public final void setParameters(float... vector) {
    setParameters(Tensor.of(vector.clone(), vector.length));
  }

  @Override
  public final Set<String> parameterNames() {
    ensureBuilt();
    Set<String> names = new LinkedHashSet<>();
    weights().forEach(w -> names.add(w.name()));
    return names;
  }

  private Optional<Variable> named(String name) {
    ensureBuilt();
    String key = name.toLowerCase(Locale.ROOT);
    return weights().stream()
        .filter(w -> w.name().toLowerCase(Locale.ROOT).equals(key))
        .findFirst();
  }

  @Override
  public final Optional<Tensor> parameter(String name) {
    return named(name).map(Variable::concrete);
  }

  @Override
  public final Optional<Shape> parameterShape(String name) {
    return named(name).map(Variable::shape);
  }

  @Override
  public final boolean setParameter(String name, Tensor value) {
    Optional<Variable> w = named(name);
    if (w.isPresent() && !w.get().shape().equals(value.shape())) {
      throw new ShapeException(
          label()
              + ": parameter '"
              + name
              + "': expected shape "
              + w.get().shape()
              + ". Received: "
              + value.shape());
    }
    w.ifPresent(v -> v.assign(Ops.cast(value, v.dtype())));
    return w.isPresent();
  }

  // ---------------------------------------------------------------- diagnostics and export

  /** The declared shape of the first input, without its batch where the original has none. */
  @Override
  public final Shape inputShape() {
    return shownShape();
  }

  /** The declared shape of the output, which is that of the query. */
  @Override
  public final Shape outputShape() {
    return shownShape();
  }

  /** Facts about the layer under the original's keys, in its order and spelling. */
  public Map<String, String> diagnostics() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("layer.type", type().className());
    all.put("layer.input_shape", Arrays.toString(inputShape().dims()));
    all.put("layer.output_shape", Arrays.toString(outputShape().dims()));
    all.put("layer.parameter_count", String.valueOf(parameterCount()));
    all.put("layer.supports_training", yes(supportsTraining()));
    all.put("layer.activation", activationName() + " (scalar)");
    return all;
  }

  /** A truth value as C# writes it. */
  static String yes(boolean b) {
    return b ? "True" : "False";
  }

  /** The activation in the original's words. */
  String activationName() {
    return "IdentityActivation";
  }

  /** Whether {@link #exportComputationGraph} works: always. */
  public final boolean supportsJitCompilation() {
    return true;
  }

  /**
   * The layer as a graph of single ops, for inputs of the declared shapes: it computes what {@link
   * #forward} does without training.
   *
   * @param inputNodes gets a node for each input, to be given values
   * @throws NullPointerException for null
   */
  public final ComputationNode exportComputationGraph(List<ComputationNode> inputNodes) {
    return exportComputationGraph(inputNodes, declaredShapes().toArray(Shape[]::new));
  }

  /** {@link #exportComputationGraph(List)} for inputs of other shapes, all known. */
  public final ComputationNode exportComputationGraph(
      List<ComputationNode> inputNodes, Shape... inputShapes) {
    Objects.requireNonNull(inputNodes, "inputNodes");
    ensureBuilt();
    List<TensorSpec> specs = new ArrayList<>();
    for (Shape s : inputShapes) {
      specs.add(new TensorSpec(s, policy().compute()));
    }
    List<String> names = inputPorts().stream().map(Port::name).toList();
    return ComputationNode.capture(
        specs, names, in -> applyAll(in, CallArgs.training(false)).subList(0, 1), inputNodes);
  }
}
