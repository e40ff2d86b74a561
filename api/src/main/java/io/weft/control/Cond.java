package io.weft.control;

import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * One of two graphs with equal outputs. Inputs: a boolean scalar, the inputs of the first graph,
 * those of the second.
 */
public record Cond(Graph then, Graph otherwise) implements Op {
  @Override
  public String name() {
    return "cond";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    List<TensorSpec> out = then.specs(then.outputs());
    Rules.require(
        out.equals(otherwise.specs(otherwise.outputs())),
        this,
        "two bodies with equal results",
        out);
    return out;
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    int first = then.inputs().size();
    int n = v.inputs();
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < then.outputs().size(); i++) {
      seeds.add(v.hasDout(i) ? v.dout(i) : null);
    }
    List<Integer> wanted = new ArrayList<>();
    for (int i = 1; i < n; i++) {
      if (v.needs(i)) {
        wanted.add(i);
      }
    }
    List<Tensor> grads =
        Control.cond(
            v.in(0),
            branch(v, then, 1, first + 1, seeds, wanted),
            branch(v, otherwise, first + 1, n, seeds, wanted));
    Tensor[] result = new Tensor[n];
    for (int i = 0; i < grads.size(); i++) {
      result[wanted.get(i)] = grads.get(i);
    }
    return Arrays.asList(result);
  }

  /** The gradients of all wanted inputs when one branch is taken: zeros for the other's. */
  private static Supplier<List<Tensor>> branch(
      Vjp v, Graph g, int from, int to, List<Tensor> seeds, List<Integer> wanted) {
    return () -> {
      List<Tensor> in = new ArrayList<>();
      for (int i = from; i < to; i++) {
        in.add(v.in(i));
      }
      List<Integer> own =
          wanted.stream().filter(i -> i >= from && i < to).map(i -> i - from).toList();
      List<Tensor> grads = Inner.gradients(g, in, seeds, own);
      List<Tensor> all = new ArrayList<>();
      int k = 0;
      for (int i : wanted) {
        boolean mine = i >= from && i < to;
        all.add(mine ? grads.get(k++) : Ops.zeros(v.in(i).shape(), v.in(i).dtype()));
      }
      return all;
    };
  }
}
