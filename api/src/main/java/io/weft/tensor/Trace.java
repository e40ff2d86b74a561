package io.weft.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Captures the ops of a function as a {@link Graph}. Belongs to the thread that opened it.
 * Variables that are read become extra inputs, variables that are assigned become extra outputs. A
 * trace inside another (the body of a loop) takes everything from outside as captures.
 */
public final class Trace {
  private static final ThreadLocal<Trace> CURRENT = new ThreadLocal<>();

  private final Trace parent;
  private final boolean inner;
  private final List<TensorSpec> specs = new ArrayList<>();
  private final List<Integer> inputs = new ArrayList<>();
  private final Map<Integer, ArrayTensor> constants = new LinkedHashMap<>();
  private final List<Graph.Node> nodes = new ArrayList<>();
  private final Map<Tensor, TracedTensor> captures = new IdentityHashMap<>();
  private final List<Tensor> captured = new ArrayList<>();
  private final Map<Variable, Tensor> reads = new LinkedHashMap<>();
  private final Map<Variable, Tensor> values = new LinkedHashMap<>();
  private final Map<Variable, Tensor> assigned = new LinkedHashMap<>();

  private Trace(Trace parent, boolean inner) {
    this.parent = parent;
    this.inner = inner;
  }

  /**
   * The result of a capture. The graph's inputs are the arguments, then one for each variable read,
   * or for an inner capture one for each captured tensor; its outputs are the results, then one for
   * each variable assigned.
   */
  public record Captured(
      Graph graph, List<Variable> reads, List<Variable> assigned, List<Tensor> captures) {}

  /** Captures a function of tensors of known specs. */
  public static Captured capture(
      List<TensorSpec> arguments, Function<List<Tensor>, List<Tensor>> body) {
    return new Trace(CURRENT.get(), false).run(arguments, body);
  }

  /**
   * Captures the body of a control-flow op: tensors from outside come as {@link Captured#captures}.
   */
  public static Captured captureInner(
      List<TensorSpec> arguments, Function<List<Tensor>, List<Tensor>> body) {
    return new Trace(CURRENT.get(), true).run(arguments, body);
  }

  private Captured run(List<TensorSpec> arguments, Function<List<Tensor>, List<Tensor>> body) {
    Tape tape = Tape.suspend(); // a tape outside sees the op that holds the graph, not its nodes
    CURRENT.set(this);
    try {
      List<Tensor> in = new ArrayList<>();
      for (TensorSpec s : arguments) {
        in.add(input(s));
      }
      List<Tensor> out = body.apply(in);
      List<Integer> outputs = new ArrayList<>();
      for (Tensor t : out) {
        outputs.add(adopt(t).id());
      }
      for (Tensor t : assigned.values()) {
        outputs.add(adopt(t).id());
      }
      return new Captured(
          new Graph(specs, inputs, constants, nodes, outputs),
          List.copyOf(reads.keySet()),
          List.copyOf(assigned.keySet()),
          List.copyOf(captured));
    } finally {
      if (parent == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(parent);
      }
      Tape.resume(tape);
    }
  }

  /** True while a capture is open on this thread. */
  public static boolean isOpen() {
    return CURRENT.get() != null;
  }

  /** Runs a body with no capture open on this thread. */
  static <T> T outside(java.util.function.Supplier<T> body) {
    Trace t = CURRENT.get();
    CURRENT.remove();
    try {
      return body.get();
    } finally {
      if (t != null) {
        CURRENT.set(t);
      }
    }
  }

  /** An op and what it was applied to. */
  public record Applied(Op op, List<Tensor> inputs) {}

  /** What made a value of the capture that is open; null for other tensors and for inputs. */
  public static Applied origin(Tensor t) {
    Trace open = CURRENT.get();
    if (open == null || !(t instanceof TracedTensor value) || value.trace() != open) {
      return null;
    }
    for (int i = open.nodes.size() - 1; i >= 0; i--) {
      Graph.Node n = open.nodes.get(i);
      if (n.outputs().contains(value.id())) {
        List<Tensor> in = new ArrayList<>();
        for (int id : n.inputs()) {
          in.add(new TracedTensor(open, id, open.specs.get(id)));
        }
        return new Applied(n.op(), in);
      }
    }
    return null;
  }

  static Trace current() {
    return CURRENT.get();
  }

  private TracedTensor value(TensorSpec spec) {
    specs.add(spec);
    return new TracedTensor(this, specs.size() - 1, spec);
  }

  private TracedTensor input(TensorSpec spec) {
    TracedTensor t = value(spec);
    inputs.add(t.id());
    return t;
  }

  /** The value of this trace that stands for a tensor: itself, a capture or a constant. */
  private TracedTensor adopt(Tensor t) {
    if (t instanceof TracedTensor traced && traced.trace() == this) {
      return traced;
    }
    if (t instanceof KerasTensor) {
      throw new IllegalStateException(t + " of a model graph cannot be used inside call()");
    }
    if (t instanceof TracedTensor && !inner) {
      throw new IllegalStateException(
          "A value of a finished or enclosing capture was used: "
              + t
              + ". Pass it as an argument.");
    }
    TracedTensor known = captures.get(t.identity());
    if (known != null) {
      return known;
    }
    TracedTensor v;
    if (inner) {
      v = input(t.spec());
      captured.add(t);
    } else {
      v = value(t.spec());
      constants.put(v.id(), (ArrayTensor) t);
    }
    captures.put(t.identity(), v);
    return v;
  }

  List<Tensor> add(Op op, List<Tensor> in) {
    List<Integer> from = new ArrayList<>(in.size());
    List<TensorSpec> inSpecs = new ArrayList<>(in.size());
    for (Tensor t : in) {
      from.add(adopt(t).id());
      inSpecs.add(t.spec());
    }
    List<Tensor> out = new ArrayList<>();
    List<Integer> to = new ArrayList<>();
    for (TensorSpec s : op.infer(inSpecs)) {
      TracedTensor t = value(s);
      out.add(t);
      to.add(t.id());
    }
    nodes.add(new Graph.Node(op, List.copyOf(from), List.copyOf(to)));
    return out;
  }

  Tensor read(Variable v) {
    if (inner) {
      return parent != null ? parent.read(v) : v.concrete();
    }
    Tensor value = values.get(v);
    if (value == null) {
      TracedTensor t = input(v.spec());
      reads.put(v, t);
      values.put(v, t);
      value = t;
    }
    return value;
  }

  void assign(Variable v, Tensor value) {
    if (inner) {
      throw new IllegalStateException(
          "Variable '"
              + v.path()
              + "' cannot be assigned inside the body of a loop or a condition.");
    }
    Tensor t = adopt(value);
    values.put(v, t);
    assigned.put(v, t);
  }

  String describe(int id) {
    for (Graph.Node n : nodes) {
      if (n.outputs().contains(id)) {
        return "output of " + n.op().name() + " " + specs.get(id);
      }
    }
    return "input " + specs.get(id);
  }
}
