package io.weft.layer;

import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.HostArray;
import io.weft.tensor.Index;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Producer;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One call of an operation in a model graph: the arguments as they were given (nests with Keras
 * tensors among their leaves) and the tensors that came out. Its operation and the operations that
 * made its inputs know it ({@link Operation#inboundNodes}, {@link Operation#outboundNodes}), so it
 * lives as long as they do.
 */
public final class Node implements Producer {
  private static final java.util.concurrent.atomic.AtomicLong SERIALS =
      new java.util.concurrent.atomic.AtomicLong();

  private final long serial = SERIALS.incrementAndGet();
  private final Operation operation;
  private final List<Object> args;
  private final Map<String, Object> kwargs;
  private final List<KerasTensor> outputs;
  private volatile List<Tensor> outputMasks;

  private Node(
      Operation operation, List<Object> args, Map<String, Object> kwargs, List<TensorSpec> specs) {
    this.operation = operation;
    this.args = args;
    this.kwargs = kwargs;
    List<KerasTensor> out = new ArrayList<>();
    for (TensorSpec s : specs) {
      out.add(new KerasTensor(s, this, out.size()));
    }
    this.outputs = List.copyOf(out);
  }

  /** The node of a model input. */
  public static Node input(Operation inputLayer, TensorSpec spec) {
    return new Node(inputLayer, List.of(), Map.of(), List.of(spec)).wired();
  }

  /** Makes the node known to its operation and, once for each tensor, to those before it. */
  private Node wired() {
    operation.nodes().addInbound(this);
    inputs().forEach(t -> producer(t).operation.nodes().addOutbound(this));
    return this;
  }

  private static Node producer(KerasTensor t) {
    return (Node) t.producer();
  }

  /** Calls an operation on Keras tensors: infers the specs of its results and records the call. */
  public static Node call(Operation operation, List<?> args, Map<String, ?> kwargs) {
    List<Tensor> leaves = Structure.tensors(List.of(args, kwargs));
    List<KerasTensor> symbolic = new ArrayList<>();
    List<TensorSpec> specs = new ArrayList<>();
    for (Tensor t : leaves) {
      if (t instanceof KerasTensor k) {
        symbolic.add(k);
        specs.add(k.spec());
      }
    }
    Function<List<Tensor>, List<Tensor>> body =
        ts -> {
          Map<Tensor, Tensor> by = new java.util.IdentityHashMap<>();
          for (int i = 0; i < ts.size(); i++) {
            by.put(symbolic.get(i), ts.get(i));
          }
          return operation.invoke(asList(substitute(args, by)), asMap(substitute(kwargs, by)));
        };
    List<TensorSpec> out =
        operation instanceof Layer l
            ? inferLayer(l, specs, body, leaves)
            : Symbolic.inferOp(specs, body);
    return new Node(operation, new ArrayList<>(args), new LinkedHashMap<>(kwargs), out).wired();
  }

  /**
   * Specs of a layer's results. Where a constant among the arguments fixes the batch, which then
   * suits no fill size, its size is taken for the batch and stays unknown in the results.
   */
  private static List<TensorSpec> inferLayer(
      Layer layer,
      List<TensorSpec> specs,
      Function<List<Tensor>, List<Tensor>> body,
      List<Tensor> leaves) {
    try {
      return layer.infer(specs, body);
    } catch (ShapeException e) {
      for (Tensor t : leaves) {
        if (t instanceof ArrayTensor && t.rank() > 0) {
          int batch = t.dim(0);
          List<TensorSpec> out = layer.infer(withBatch(specs, Shape.UNKNOWN, batch), body);
          return withBatch(out, batch, Shape.UNKNOWN);
        }
      }
      throw e;
    }
  }

  private static List<TensorSpec> withBatch(List<TensorSpec> specs, int from, int to) {
    List<TensorSpec> out = new ArrayList<>();
    for (TensorSpec s : specs) {
      boolean change = s.shape().rank() > 0 && s.shape().dim(0) == from;
      out.add(change ? new TensorSpec(s.shape().withDim(0, to), s.dtype()) : s);
    }
    return out;
  }

  /**
   * The nest with Keras tensors replaced by what a map says; others stay. Host arrays, which files
   * hold as arrays of NumPy, become tensors.
   */
  public static Object substitute(Object nest, Map<Tensor, Tensor> by) {
    return Structure.map(
        nest,
        leaf -> {
          if (leaf instanceof Index.Positions p && by.containsKey(p.tensor())) {
            return new Index.Positions(by.get(p.tensor()));
          }
          if (leaf instanceof HostArray a) {
            return Tensor.of(a);
          }
          return leaf instanceof KerasTensor k
              ? by.getOrDefault(k.identity(), by.getOrDefault(k, k))
              : leaf;
        });
  }

  @SuppressWarnings("unchecked")
  static List<Object> asList(Object o) {
    return (List<Object>) o;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> asMap(Object o) {
    return (Map<String, Object>) o;
  }

  public Operation operation() {
    return operation;
  }

  /** A number that grows from call to call: the order in which nodes were made. */
  public long serial() {
    return serial;
  }

  /** Positional arguments as given. */
  public List<Object> args() {
    return args;
  }

  /** Keyword arguments as given. */
  public Map<String, Object> kwargs() {
    return kwargs;
  }

  /** Results in flattening order. */
  public List<KerasTensor> outputs() {
    return outputs;
  }

  /** The Keras tensors among the arguments, in flattening order (positional, then by key). */
  public List<KerasTensor> inputs() {
    List<KerasTensor> in = new ArrayList<>();
    for (Tensor t : Structure.tensors(List.of(args, kwargs))) {
      if (t instanceof KerasTensor k) {
        in.add(k);
      }
    }
    return in;
  }

  /** The only Keras tensor among the arguments. */
  KerasTensor input() {
    return only("inputs", inputs());
  }

  /** The only result. */
  KerasTensor output() {
    return only("outputs", outputs);
  }

  private KerasTensor only(String what, List<KerasTensor> all) {
    if (all.size() != 1) {
      throw new IllegalStateException(
          operation.name()
              + ": expected a call with one of its "
              + what
              + ". Received: one with "
              + all.size()
              + ". Use inboundNodes().get(i)."
              + what
              + "().");
    }
    return all.get(0);
  }

  /**
   * The masks of {@link #inputs}, null where there is none: those attached, else what the calls
   * before this one make of theirs.
   */
  public List<Tensor> inputMasks() {
    List<Tensor> masks = new ArrayList<>();
    inputs().forEach(t -> masks.add(maskOf(t)));
    return Collections.unmodifiableList(masks);
  }

  /**
   * The masks of {@link #outputs}, null where there is none. The ops that compute them join the
   * model graph when they are first asked for; a model that runs computes masks without them.
   */
  public List<Tensor> outputMasks() {
    Deque<Node> open = new ArrayDeque<>(List.of(this)); // no recursion: graphs may be deep
    while (!open.isEmpty()) {
      Node n = open.peek();
      List<Node> missing = new ArrayList<>();
      for (KerasTensor t : n.inputs()) {
        if (t.mask() == null && producer(t).outputMasks == null) {
          missing.add(producer(t));
        }
      }
      missing.forEach(open::push);
      if (missing.isEmpty()) {
        open.pop().settleMasks();
      }
    }
    return outputMasks;
  }

  private synchronized void settleMasks() {
    if (outputMasks == null) {
      List<Tensor> made = operation instanceof Layer l ? l.masksOf(this) : List.of();
      List<Tensor> masks = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        masks.add(i < made.size() ? made.get(i) : null);
      }
      outputMasks = Collections.unmodifiableList(masks);
    }
  }

  /** The mask of a tensor: the one attached, else what the call makes that gave it; or null. */
  public static Tensor maskOf(Tensor t) {
    if (t == null || t.mask() != null) {
      return t == null ? null : t.mask();
    }
    return t instanceof KerasTensor k ? producer(k).outputMasks().get(k.index()) : null;
  }

  @Override
  public String producerName() {
    return operation.name();
  }

  @Override
  public List<Tensor> record(String function, Map<String, Object> arguments) {
    PublicOp op = OpTable.function(function);
    if (op.className() == null) {
      throw new UnsupportedFeatureException(
          "keras.ops."
              + function
              + ": cannot be a node of a model graph; put it into a layer's call()");
    }
    Map<String, Object> bound = op.bind(List.of(), arguments);
    List<Object> call = new ArrayList<>();
    Map<String, Object> constructor = new LinkedHashMap<>();
    for (PublicOp.Param p : op.params()) {
      Object v = plain(bound.get(p.name()));
      if (p.constructor()) {
        constructor.put(p.name(), v);
      } else if (p.rest()) {
        call.addAll((List<?>) v);
      } else {
        call.add(v);
      }
    }
    Node n = call(new OpOperation(op, null, constructor), call, Map.of());
    return List.copyOf(n.outputs());
  }

  /** Java arrays and ints in the form that configs have. */
  private static Object plain(Object v) {
    if (v instanceof int[][] a) {
      List<Object> l = new ArrayList<>();
      for (int[] e : a) {
        l.add(plain(e));
      }
      return l;
    }
    return v instanceof int[] || v instanceof Integer || v instanceof double[] || v instanceof Float
        ? io.weft.config.Config.normal(v)
        : v;
  }
}
