package io.weft.control;

import io.weft.autodiff.GradientTape;
import io.weft.tensor.Graph;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Derivatives of the graphs that control ops hold. */
final class Inner {
  private Inner() {}

  /**
   * Gradients of some inputs of a graph that is computed again; zeros where there is no influence.
   *
   * @param seeds gradient of each output, null for none
   * @param sources positions of the inputs, all floating
   */
  static List<Tensor> gradients(
      Graph g, List<Tensor> in, List<Tensor> seeds, List<Integer> sources) {
    List<Tensor> from = sources.stream().map(in::get).toList();
    List<Tensor> result = new ArrayList<>();
    try (GradientTape tape = GradientTape.open()) {
      List<Tensor> all = g.call(in);
      List<Tensor> outputs = new ArrayList<>();
      List<Tensor> given = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if (seeds.get(i) != null) {
          outputs.add(all.get(i));
          given.add(seeds.get(i));
        }
      }
      List<Tensor> grads = tape.gradients(outputs, given, from);
      for (int i = 0; i < grads.size(); i++) {
        Tensor d = grads.get(i);
        result.add(d == null ? Ops.zeros(from.get(i).shape(), from.get(i).dtype()) : d);
      }
    }
    return result;
  }
}
