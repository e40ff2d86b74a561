package io.weft.systems.diffusers;

import io.weft.layers.core.Dense;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/** Several projections of one input by one product of their kernels side by side. */
final class FusedProjections {
  private FusedProjections() {}

  /** What each of the projections gives. */
  static List<Tensor> apply(Tensor x, Dense... projections) {
    List<Tensor> kernels = new ArrayList<>();
    List<Tensor> biases = new ArrayList<>();
    for (Dense d : projections) {
      List<Variable> own = d.ownVariables();
      kernels.add(own.get(0).value());
      if (own.size() > 1) {
        biases.add(own.get(1).value());
      }
    }
    Tensor y = Ops.matmul(x, Ops.concatenate(kernels, 1));
    if (!biases.isEmpty()) {
      y = y.plus(Ops.concatenate(biases, 0));
    }
    List<Tensor> out = new ArrayList<>();
    int at = 0;
    for (Tensor k : kernels) {
      out.add(Ops.slice(y, new int[] {0, 0, at}, y.shape().withDim(2, k.dim(1)).dims()));
      at += k.dim(1);
    }
    return out;
  }

  /** The joint weight, and bias, of files of a model whose projections were fused. */
  static List<TorchEntry> named(String prefix, Dense... joint) {
    List<TorchEntry> all = new ArrayList<>();
    for (int i = 0; i < joint[0].ownVariables().size() && i < 2; i++) {
      Variable[] vs = new Variable[joint.length];
      for (int k = 0; k < vs.length; k++) {
        vs[k] = joint[k].ownVariables().get(i);
      }
      all.add(
          TorchEntry.stacked(
              prefix + (i == 0 ? "weight" : "bias"), i == 0 ? Layout.LINEAR : Layout.SAME, vs));
    }
    return all;
  }
}
