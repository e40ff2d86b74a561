package io.weft.compile;

import io.weft.backend.Backend;
import io.weft.backend.Backends;
import io.weft.backend.CompileOptions;
import io.weft.backend.Executable;
import io.weft.backend.Storage;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.tensor.Variable;
import java.util.ArrayList;
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

  private final Function<List<Tensor>, List<Tensor>> body;
  private volatile Map<List<TensorSpec>, Step> steps = Map.of();
  private int traces;

  private record Step(
      Backend backend, Executable executable, Trace.Captured captured, int results) {}

  private CompiledFunction(Function<List<Tensor>, List<Tensor>> body) {
    this.body = body;
  }

  public static CompiledFunction of(Function<List<Tensor>, List<Tensor>> body) {
    return new CompiledFunction(body);
  }

  /** Results for arguments with numbers. */
  public List<Tensor> run(List<Tensor> arguments) {
    List<TensorSpec> signature = new ArrayList<>(arguments.size());
    for (Tensor t : arguments) {
      signature.add(t.spec());
    }
    Step step = steps.get(signature);
    if (step == null) {
      step = trace(signature);
    }
    List<Storage> in = new ArrayList<>(arguments.size() + step.captured().reads().size());
    for (Tensor t : arguments) {
      in.add(((ArrayTensor) t).storage());
    }
    for (Variable v : step.captured().reads()) {
      in.add(((ArrayTensor) v.concrete()).storage());
    }
    List<Storage> out = step.backend().run(step.executable(), in);
    List<Integer> ids = step.captured().graph().outputs();
    List<Tensor> results = new ArrayList<>(out.size());
    for (int i = 0; i < out.size(); i++) {
      results.add(
          ArrayTensor.of(out.get(i), step.captured().graph().specs().get(ids.get(i)).shape()));
    }
    List<Variable> assigned = step.captured().assigned();
    for (int i = 0; i < assigned.size(); i++) {
      assigned.get(i).assign(results.get(step.results() + i));
    }
    return results.subList(0, step.results());
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
    Executable e = backend.compile(Passes.simplify(c.graph()), CompileOptions.DEFAULT);
    Step step = new Step(backend, e, c, c.graph().outputs().size() - c.assigned().size());
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
