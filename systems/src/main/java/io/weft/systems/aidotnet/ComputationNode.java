package io.weft.systems.aidotnet;

import io.weft.autodiff.GradientTape;
import io.weft.error.ShapeException;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A value of an exported computation: an input, a weight, a constant, or the result of an op on
 * other nodes. A view of a captured graph; {@link #evaluate} runs its ops one by one, {@link
 * #backward} differentiates them with the tape. Weights are those of the layer, at their present
 * values. For one thread at a time.
 */
public final class ComputationNode {
  /** An op with the nodes that it reads; shared by the nodes of its results. */
  private record Step(Op op, List<ComputationNode> parents) {}

  private final String name;
  private final TensorSpec spec;
  private final Step step;
  private final int result;
  private final Variable variable;
  private final boolean requiresGradient;
  private Tensor value;
  private Tensor gradient;

  private ComputationNode(
      String name,
      TensorSpec spec,
      Step step,
      int result,
      Variable variable,
      boolean requiresGradient) {
    this.name = name;
    this.spec = spec;
    this.step = step;
    this.result = result;
    this.variable = variable;
    this.requiresGradient = requiresGradient;
  }

  /** Captures a function of tensors; adds its input nodes to a list and gives its first output. */
  static ComputationNode capture(
      List<TensorSpec> specs,
      List<String> names,
      Function<List<Tensor>, List<Tensor>> body,
      List<ComputationNode> inputNodes) {
    Trace.Captured captured = Trace.capture(specs, body);
    Graph graph = captured.graph();
    ComputationNode[] nodes = new ComputationNode[graph.specs().size()];
    for (int i = 0; i < graph.inputs().size(); i++) {
      int id = graph.inputs().get(i);
      boolean given = i < specs.size();
      Variable v = given ? null : captured.reads().get(i - specs.size());
      String name = given ? names.get(i) : v.name();
      boolean moves = given || v.trainable();
      nodes[id] = new ComputationNode(name, graph.specs().get(id), null, 0, v, moves);
      if (given) {
        inputNodes.add(nodes[id]);
      }
    }
    for (Map.Entry<Integer, ArrayTensor> e : graph.constants().entrySet()) {
      ComputationNode c =
          new ComputationNode("constant", e.getValue().spec(), null, 0, null, false);
      c.value = e.getValue();
      nodes[e.getKey()] = c;
    }
    for (Graph.Node n : graph.nodes()) {
      List<ComputationNode> parents = n.inputs().stream().map(i -> nodes[i]).toList();
      Step step = new Step(n.op(), parents);
      boolean moves = parents.stream().anyMatch(p -> p.requiresGradient);
      for (int i = 0; i < n.outputs().size(); i++) {
        int id = n.outputs().get(i);
        TensorSpec spec = graph.specs().get(id);
        nodes[id] =
            new ComputationNode(
                n.op().name(), spec, step, i, null, moves && spec.dtype().isFloating());
      }
    }
    return nodes[graph.outputs().get(0)];
  }

  /** The name of the input or weight; of other nodes the operation's. */
  public String name() {
    return name;
  }

  /** Shape and dtype of the value. */
  public TensorSpec spec() {
    return spec;
  }

  /** The word for the op that makes this value; empty for inputs, weights and constants. */
  public Optional<String> operationType() {
    return Optional.ofNullable(step).map(s -> s.op().name());
  }

  /** The op with its parameters, such as {@code Attention[scale=0.5, …]}; empty as above. */
  public Optional<String> operationParams() {
    return Optional.ofNullable(step).map(s -> s.op().toString());
  }

  /** The nodes that this one is computed from; none for inputs, weights and constants. */
  public List<ComputationNode> parents() {
    return step == null ? List.of() : step.parents();
  }

  /** Whether {@link #backward} gives this node a gradient. */
  public boolean requiresGradient() {
    return requiresGradient;
  }

  /**
   * Sets the value of an input.
   *
   * @throws IllegalStateException for a node that is not an input
   * @throws ShapeException for another shape or dtype
   */
  public void setValue(Tensor newValue) {
    if (step != null || variable != null || !requiresGradient) {
      throw new IllegalStateException(
          "node '" + name + "': only inputs are given values. Received: " + newValue.spec());
    }
    if (!newValue.spec().equals(spec)) {
      throw new ShapeException(
          "node '" + name + "': expected " + spec + ". Received: " + newValue.spec());
    }
    value = Tensor.of(newValue.toHostArray()); // one tensor in two inputs has two gradients
  }

  /**
   * The value: what was set, the weight's present one, or the result of the last {@link #evaluate}
   * that came by here.
   *
   * @throws IllegalStateException if there is none yet
   */
  public Tensor value() {
    if (variable != null) {
      return variable.concrete();
    }
    if (value == null) {
      throw new IllegalStateException(
          "node '"
              + name
              + "': has no value. "
              + (step == null ? "Give the input one with setValue." : "Call evaluate first."));
    }
    return value;
  }

  /** The gradient of the last {@link #backward}; empty before, and without influence. */
  public Optional<Tensor> gradient() {
    return Optional.ofNullable(gradient);
  }

  /** Computes this node and all that it needs, from the present inputs and weights. */
  public Tensor evaluate() {
    run(ordered());
    return value;
  }

  /**
   * Evaluates this node and sets the gradients of all nodes that require one.
   *
   * @param outputGradient the gradient of this node, with its shape; null for ones
   */
  public void backward(Tensor outputGradient) {
    List<ComputationNode> order = ordered();
    try (GradientTape tape = GradientTape.open()) {
      run(order);
      List<ComputationNode> moving = order.stream().filter(n -> n.requiresGradient).toList();
      List<Tensor> seeds = new ArrayList<>();
      seeds.add(outputGradient == null ? null : Ops.cast(outputGradient, spec.dtype()));
      List<Tensor> all =
          tape.gradients(
              List.of(value), seeds, moving.stream().map(ComputationNode::value).toList());
      for (int i = 0; i < all.size(); i++) {
        moving.get(i).gradient = all.get(i);
      }
    }
  }

  private static void run(List<ComputationNode> order) {
    Map<Step, List<Tensor>> done = new IdentityHashMap<>();
    for (ComputationNode n : order) {
      if (n.step == null) {
        n.value = n.value();
      } else {
        List<Tensor> out =
            done.computeIfAbsent(
                n.step, s -> Ops.apply(s.op(), s.parents().stream().map(p -> p.value).toList()));
        n.value = out.get(n.result);
      }
    }
  }

  /** This node and all that it depends on, parents first. */
  private List<ComputationNode> ordered() {
    List<ComputationNode> order = new ArrayList<>();
    Map<ComputationNode, Boolean> seen = new IdentityHashMap<>();
    List<ComputationNode> open = new ArrayList<>(List.of(this));
    while (!open.isEmpty()) {
      ComputationNode n = open.get(open.size() - 1);
      if (seen.putIfAbsent(n, false) == null) {
        open.addAll(n.parents());
      } else {
        open.remove(open.size() - 1);
        if (Boolean.FALSE.equals(seen.replace(n, true))) {
          order.add(n);
        }
      }
    }
    return order;
  }
}
