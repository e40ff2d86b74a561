package io.weft.models;

import io.weft.config.Config;
import io.weft.config.GraphEntry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Node;
import io.weft.layer.Operation;
import io.weft.layer.Structure;
import io.weft.layers.core.InputLayer;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph of layers from inputs to outputs. Inputs and outputs may be one Keras tensor or nests
 * (lists, maps) of them; calling replays the graph's nodes, so sharing and nesting are ordinary
 * layer calls.
 */
public final class Functional extends Model {
  /** The layer row: signature and factory (a graph cannot be made from a config alone). */
  public static final LayerType<Functional> TYPE =
      LayerType.<Functional>internal(
              "keras.src.models.functional",
              "Functional",
              "Functional",
              c -> {
                throw new ConfigException(
                    "Functional: made from a graph config by Registry.restore or Models.fromJson");
              })
          .args("training", "mask");

  /** The registry row. */
  public static final GraphEntry<Functional> ENTRY =
      new GraphEntry<>(
          Layer.class, "keras.src.models.functional", "Functional", "Functional", "Model") {
        @Override
        public Functional create(Config config, Registry registry, String where) {
          return GraphConfig.read(config, registry, where);
        }
      };

  private final Object inputs;
  private final Object outputs;
  private final List<KerasTensor> flatInputs;
  private final List<KerasTensor> flatOutputs;
  private final ModelGraph graph;
  private final List<Layer> layers = new ArrayList<>();

  /** A model from inputs to outputs: each a Keras tensor, a list or a map of them, or a nest. */
  public Functional(Object inputs, Object outputs) {
    this(inputs, outputs, Config.EMPTY);
  }

  /** A named model. */
  public Functional(Object inputs, Object outputs, String name) {
    this(inputs, outputs, Config.of("name", name));
  }

  Functional(Object inputs, Object outputs, Config config) {
    super(TYPE, config);
    this.inputs = inputs;
    this.outputs = outputs;
    this.flatInputs = kerasTensors(inputs, "inputs");
    this.flatOutputs = kerasTensors(outputs, "outputs");
    if (flatInputs.stream()
        .anyMatch(t -> !(ModelGraph.producer(t).operation() instanceof InputLayer))) {
      throw new ConfigException(
          label() + ": inputs must come from Input.of. Received: " + Config.text(inputs));
    }
    this.graph = new ModelGraph(flatInputs, flatOutputs);
    graph.requireClosed(flatInputs);
    graph.assignNames();
    for (Operation o : graph.operations()) {
      if (o instanceof Layer l) {
        layers.add(l);
      }
    }
    trackAll("layers", layers);
    if (!trainable()) {
      setTrainable(false);
    }
    markBuilt();
    setSupportsMasking(true);
  }

  private List<KerasTensor> kerasTensors(Object nest, String what) {
    List<KerasTensor> out = new ArrayList<>();
    for (Object o : Structure.leaves(nest)) {
      if (!(o instanceof KerasTensor k)) {
        throw new ConfigException(
            "Functional: "
                + what
                + " must be Keras tensors (made by Input.of and layers). Received: "
                + o);
      }
      out.add(k.mask() == null && k.identity() == k ? k : (KerasTensor) k.identity());
    }
    if (out.isEmpty()) {
      throw new ConfigException("Functional: " + what + " must not be empty. Received: " + nest);
    }
    return out;
  }

  /** The nest of inputs as given. */
  @Override
  public Object inputs() {
    return inputs;
  }

  /** The nest of outputs as given. */
  @Override
  public Object outputs() {
    return outputs;
  }

  @Override
  public List<KerasTensor> flatInputs() {
    return flatInputs;
  }

  @Override
  public List<KerasTensor> flatOutputs() {
    return flatOutputs;
  }

  @Override
  public List<String> outputNames() {
    return flatOutputs.stream().map(t -> t.producer().producerName()).toList();
  }

  ModelGraph graph() {
    return graph;
  }

  @Override
  public List<Layer> layers() {
    return Collections.unmodifiableList(layers);
  }

  /** Layers and ops in Keras' order. */
  public List<Operation> operations() {
    return List.copyOf(graph.operations());
  }

  /** The calls of an operation inside this model. */
  public List<Node> nodesOf(Operation operation) {
    return List.copyOf(graph.nodesOf(operation));
  }

  // ---------------------------------------------------------------- calling

  /**
   * Calls the model on a nest of tensors in the form of its inputs; the result has its outputs'
   * form.
   */
  public Object applyNest(Object nest, CallArgs call) {
    List<Tensor> out = applyAll(flatten(nest), call);
    return Structure.pack(outputs, out);
  }

  @Override
  protected List<Object> positional(List<Tensor> flat) {
    return Collections.singletonList(Structure.pack(inputs, flat));
  }

  @Override
  protected List<Tensor> flatten(Object nest) {
    if (nest instanceof Map<?, ?> m && !(inputs instanceof Map)) {
      List<Tensor> byName = new ArrayList<>();
      for (KerasTensor t : flatInputs) {
        Object v = m.get(ModelGraph.producer(t).operation().name());
        if (!(v instanceof Tensor x)) {
          throw new ShapeException(
              label()
                  + ": expected an input named '"
                  + t.producer().producerName()
                  + "'. Received: "
                  + m.keySet());
        }
        byName.add(x);
      }
      return byName;
    }
    List<Tensor> flat = new ArrayList<>();
    for (Object o : Structure.leaves(nest)) {
      if (o != null && !(o instanceof Tensor)) {
        throw new ShapeException(label() + ": expected tensors. Received: " + Config.text(o));
      }
      flat.add((Tensor) o);
    }
    return flat;
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    return Structure.pack(outputs, flat);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != flatInputs.size()) {
      throw new ShapeException(
          label() + ": expected " + flatInputs.size() + " inputs. Received: " + in.size());
    }
    Map<Tensor, Tensor> values = new IdentityHashMap<>();
    for (int i = 0; i < in.size(); i++) {
      Tensor mask = ctx.mask(i);
      Tensor x = conformed(in.get(i), flatInputs.get(i));
      values.put(flatInputs.get(i), mask == null || x.mask() == mask ? x : x.withMask(mask));
    }
    for (Node n : graph.nodes()) {
      if (values.containsKey(n.outputs().get(0))) {
        continue;
      }
      List<Tensor> out =
          n.operation()
              .invoke(
                  list(Node.substitute(n.args(), values)),
                  map(Node.substitute(n.kwargs(), values)));
      for (int i = 0; i < out.size(); i++) {
        values.put(n.outputs().get(i), out.get(i));
      }
    }
    List<Tensor> result = new ArrayList<>();
    flatOutputs.forEach(t -> result.add(values.get(t)));
    return result;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object o) {
    return (List<Object>) o;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object o) {
    return (Map<String, Object>) o;
  }

  /** Casts to the input layer's dtype and mends a rank that is off by a trailing 1. */
  private Tensor conformed(Tensor x, KerasTensor declared) {
    if (x == null) {
      return null;
    }
    TensorSpec want = declared.spec();
    Tensor y = x.dtype() == want.dtype() ? x : Ops.cast(x, want.dtype());
    int rank = want.shape().rank();
    if (y.rank() == rank + 1 && y.dim(-1) == 1) {
      y = Ops.squeeze(y, -1).withMask(x.mask());
    } else if (y.rank() == rank - 1 && rank > 0 && want.shape().dim(-1) == 1) {
      y = Ops.expandDims(y, -1).withMask(x.mask());
    }
    if (!y.shape().isCompatibleWith(want.shape())) {
      throw new ShapeException(
          label()
              + ": input '"
              + declared.producer().producerName()
              + "': expected shape "
              + want.shape()
              + ". Received: "
              + x.shape());
    }
    return y.dtype() == x.dtype() && y.mask() != x.mask() ? y.withMask(x.mask()) : y;
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> in, List<Tensor> masks) {
    return Collections.nCopies(flatOutputs.size(), null);
  }

  // ---------------------------------------------------------------- config

  @Override
  public Config getConfig() {
    return GraphConfig.write(this);
  }

  @Override
  public Config getBuildConfig() {
    return Config.of("input_shape", null);
  }

  @Override
  public void buildFromConfig(Config config) {}
}
