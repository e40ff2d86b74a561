package io.weft.fused;

import io.weft.autodiff.GradientTape;
import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The gradients of a fused op's floating inputs, in their order. Inputs: those of the op, its
 * outputs, and the gradients of the outputs that have one. By itself the reverse walk over the op's
 * decomposition; backends may have a kernel for {@code forward}.
 *
 * @param inputs number of the op's inputs
 * @param given whether there is a gradient of output i
 */
public record FusedGradient(Op forward, int inputs, List<Boolean> given) implements Op {
  @Override
  public String name() {
    return forward.name() + "_gradient";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    return in.subList(0, inputs).stream().filter(s -> s.dtype().isFloating()).toList();
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    List<Tensor> own = in.subList(0, inputs);
    List<Tensor> sources = own.stream().filter(t -> t.dtype().isFloating()).toList();
    try (GradientTape tape = GradientTape.open()) {
      List<Tensor> out = forward.decompose(own);
      List<Tensor> reached = new ArrayList<>();
      for (int i = 0; i < given.size(); i++) {
        if (given.get(i)) {
          reached.add(out.get(i));
        }
      }
      List<Tensor> seeds = in.subList(inputs + given.size(), in.size());
      List<Tensor> grads = tape.gradients(reached, seeds, sources);
      List<Tensor> result = new ArrayList<>();
      for (int i = 0; i < grads.size(); i++) {
        Tensor s = sources.get(i);
        result.add(grads.get(i) == null ? Ops.zeros(s.shape(), s.dtype()) : grads.get(i));
      }
      return result;
    }
  }

  /** The derivative of a fused op, to be called from its {@code vjp}. */
  static List<Tensor> of(Op forward, Vjp v, int outputs) {
    if (v.in(0).dtype() == DType.FLOAT64) {
      return null; // no kernel computes in double: by way of the decomposition
    }
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < v.inputs(); i++) {
      in.add(v.in(i));
    }
    List<Boolean> given = new ArrayList<>();
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      in.add(v.out(i));
      given.add(v.hasDout(i));
      if (v.hasDout(i)) {
        seeds.add(v.dout(i));
      }
    }
    in.addAll(seeds);
    List<Tensor> grads = Ops.apply(new FusedGradient(forward, v.inputs(), given), in);
    Tensor[] result = new Tensor[v.inputs()];
    int k = 0;
    for (int i = 0; i < result.length; i++) {
      if (v.in(i).dtype().isFloating()) {
        result[i] = grads.get(k++);
      }
    }
    return Arrays.asList(result);
  }
}
