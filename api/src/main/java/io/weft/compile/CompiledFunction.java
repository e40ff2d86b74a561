package io.weft.compile;

import io.weft.backend.Backend;
import io.weft.backend.Backends;
import io.weft.backend.CompileOptions;
import io.weft.backend.Executable;
import io.weft.backend.Storage;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Publication;
import io.weft.tensor.Tape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A function of tensors that is captured once per signature (specs of its arguments) and then only
 * run. Variables read and assigned are found by the capture; a run publishes all assignments at its
 * end, or none if it fails. Any number of threads may run one compiled function; runs that assign
 * variables must not overlap.
 */
public final class CompiledFunction {
  private static final int MAX_SIGNATURES = 8;
  private static final Storage[] NONE = {};

  private final Function<List<Tensor>, List<Tensor>> body;
  private volatile Map<List<TensorSpec>, Step> steps = Map.of();
  private volatile Step latest;
  private int traces;

  /** What a signature was compiled to. */
  private record Step(
      List<TensorSpec> signature,
      Backend backend,
      Executable executable,
      Derived derived,
      Variable[] reads,
      Variable[] assigned,
      TensorSpec[] outputs) {
    boolean isFor(List<Tensor> arguments) {
      if (signature.size() != arguments.size()) {
        return false;
      }
      for (int i = 0; i < signature.size(); i++) {
        if (!signature.get(i).equals(arguments.get(i).spec())) {
          return false;
        }
      }
      return true;
    }
  }

  private CompiledFunction(Function<List<Tensor>, List<Tensor>> body) {
    this.body = body;
  }

  public static CompiledFunction of(Function<List<Tensor>, List<Tensor>> body) {
    return new CompiledFunction(body);
  }

  /**
   * Results for arguments with numbers. While a capture or a tape is open on this thread, the body
   * is run as it is, so that both see every op.
   */
  public List<Tensor> run(List<Tensor> arguments) {
    if (Trace.isOpen() || Tape.isOpen()) {
      return body.apply(arguments);
    }
    Step step = latest;
    if (step == null || !step.isFor(arguments)) {
      step = find(arguments);
      latest = step;
    }
    int results = step.outputs.length - step.assigned.length;
    Storage[] spare = step.assigned.length == 0 ? NONE : Publication.retired(step.assigned);
    List<Storage> out;
    int cell = Publication.enter();
    try {
      Storage[] in = inputs(step, arguments);
      if (step.derived != null) {
        in = step.derived.appendedTo(in);
      }
      out = step.backend.run(step.executable, Arrays.asList(in), spare);
    } finally {
      Publication.leave(cell);
    }
    Tensor[] y = new Tensor[results];
    for (int i = 0; i < results; i++) {
      y[i] = ArrayTensor.of(out.get(i), step.outputs[i]);
    }
    publish(step, out, results);
    return Arrays.asList(y);
  }

  private static Storage[] inputs(Step step, List<Tensor> arguments) {
    int n = arguments.size();
    Storage[] in = new Storage[n + step.reads.length];
    for (int i = 0; i < n; i++) {
      in[i] = ((ArrayTensor) arguments.get(i)).storage();
    }
    Publication.read(step.reads, in, n);
    return in;
  }

  private static void publish(Step step, List<Storage> out, int results) {
    int n = step.assigned.length;
    if (n == 0) {
      return;
    }
    ArrayTensor[] values = new ArrayTensor[n];
    for (int i = 0; i < n; i++) {
      values[i] = ArrayTensor.of(out.get(results + i), step.outputs[results + i]);
    }
    Publication.publish(step.assigned, values);
  }

  private Step find(List<Tensor> arguments) {
    List<TensorSpec> signature = new ArrayList<>(arguments.size());
    for (Tensor t : arguments) {
      signature.add(t.spec());
    }
    Step step = steps.get(signature);
    return step == null ? trace(signature) : step;
  }

  /** How many signatures have been captured so far; a number that keeps growing means retracing. */
  public synchronized int traces() {
    return traces;
  }

  private synchronized Step trace(List<TensorSpec> signature) {
    Step known = steps.get(signature);
    if (known != null) {
      return known;
    }
    Trace.Captured c = Trace.capture(signature, body);
    Backend backend = Backends.current();
    List<Integer> lasting = new ArrayList<>();
    for (int i = 0; i < c.reads().size(); i++) {
      if (!c.assigned().contains(c.reads().get(i))) {
        lasting.add(signature.size() + i);
      }
    }
    Hoisting h = Passes.split(c.graph(), lasting);
    Step step =
        new Step(
            signature,
            backend,
            backend.compile(h.main(), CompileOptions.DEFAULT),
            h.before() == null ? null : new Derived(backend, h.before(), lasting),
            c.reads().toArray(new Variable[0]),
            c.assigned().toArray(new Variable[0]),
            c.graph().specs(c.graph().outputs()).toArray(new TensorSpec[0]));
    Map<List<TensorSpec>, Step> next = new LinkedHashMap<>(steps);
    if (next.size() >= MAX_SIGNATURES) {
      next.remove(next.keySet().iterator().next());
    }
    next.put(signature, step);
    steps = next;
    traces++;
    return step;
  }
}
