package io.weft.engine;

import io.weft.backend.Storage;
import io.weft.compile.Passes;
import io.weft.engine.op.Kernel;
import io.weft.engine.op.Kernels;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns a graph into steps; ops without a kernel are replaced by their decomposition. */
final class GraphCompiler {
  private final Kernels kernels;
  private final List<TensorSpec> specs = new ArrayList<>();
  private final List<Object> constants = new ArrayList<>();
  private final List<JavaExecutable.Step> steps = new ArrayList<>();

  GraphCompiler(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Ops whose result is their input's array. */
  static boolean isAlias(Op op) {
    return op instanceof Movement.Reshape || op instanceof Elementwise.StopGradient;
  }

  JavaExecutable compile(Graph graph) {
    int[] inputs = new int[graph.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = value(graph.specs().get(graph.inputs().get(i)), null);
    }
    int[] outputs = inline(graph, inputs);
    JavaExecutable.Slot[] slots = new JavaExecutable.Slot[specs.size()];
    for (int i = 0; i < slots.length; i++) {
      TensorSpec s = specs.get(i);
      slots[i] = JavaExecutable.Slot.of(s.dtype(), s.shape().intSize());
    }
    return new JavaExecutable(
        graph,
        constants.toArray(),
        slots,
        steps.toArray(new JavaExecutable.Step[0]),
        inputs,
        outputs);
  }

  private int value(TensorSpec spec, Object constant) {
    specs.add(spec);
    constants.add(constant);
    return specs.size() - 1;
  }

  /** Appends a graph's steps; gives the values of its outputs. */
  private int[] inline(Graph g, int[] arguments) {
    int[] at = new int[g.specs().size()];
    for (int i = 0; i < arguments.length; i++) {
      at[g.inputs().get(i)] = arguments[i];
    }
    for (Map.Entry<Integer, ArrayTensor> c : g.constants().entrySet()) {
      at[c.getKey()] = value(c.getValue().spec(), array(c.getValue()));
    }
    for (Graph.Node n : g.nodes()) {
      int[] in = mapped(n.inputs(), at);
      int[] out = append(n.op(), g.specs(n.inputs()), g.specs(n.outputs()), in);
      for (int i = 0; i < out.length; i++) {
        at[n.outputs().get(i)] = out[i];
      }
    }
    return mapped(g.outputs(), at);
  }

  private static int[] mapped(List<Integer> ids, int[] at) {
    int[] r = new int[ids.size()];
    for (int i = 0; i < r.length; i++) {
      r[i] = at[ids.get(i)];
    }
    return r;
  }

  private static Object array(ArrayTensor t) {
    Storage s = t.storage();
    return JavaBackend.data(s);
  }

  private int[] append(Op op, List<TensorSpec> in, List<TensorSpec> out, int[] values) {
    if (isAlias(op)) {
      return new int[] {values[0]};
    }
    Kernel kernel = kernels.make(op, in, out);
    if (kernel == null) {
      return inline(decomposition(op, in), values);
    }
    int[] made = new int[out.size()];
    for (int i = 0; i < made.length; i++) {
      made[i] = value(out.get(i), null);
    }
    steps.add(new JavaExecutable.Step(Profile.of(kernel, op, in, out), values, made));
    return made;
  }

  private static Graph decomposition(Op op, List<TensorSpec> in) {
    Graph g =
        Trace.capture(
                in,
                x -> {
                  var y = op.decompose(x);
                  if (y == null) {
                    throw new UnsupportedFeatureException(
                        "Java backend: there is no kernel for " + op + ".");
                  }
                  return y;
                })
            .graph();
    return Passes.simplify(g);
  }
}
