package io.weft.compile;

import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Graph;
import io.weft.tensor.Movement;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes at once what depends on constants alone, where the results are small. */
final class Folding {
  /** Elements of a result that is kept; repeated scalars are cheaper made than read. */
  private static final long LARGEST = 1 << 16;

  private static final long LARGEST_REPEATED = 64;

  private Folding() {}

  static Graph constants(Graph g) {
    Map<Integer, ArrayTensor> constants = new LinkedHashMap<>(g.constants());
    List<Graph.Node> nodes = new ArrayList<>();
    for (Graph.Node n : g.nodes()) {
      if (!n.inputs().isEmpty() && constants.keySet().containsAll(n.inputs()) && isSmall(g, n)) {
        List<Tensor> in = new ArrayList<>();
        n.inputs().forEach(i -> in.add(constants.get(i)));
        List<Tensor> out = Ops.compute(n.op(), in);
        for (int i = 0; i < out.size(); i++) {
          constants.put(n.outputs().get(i), (ArrayTensor) out.get(i));
        }
      } else {
        nodes.add(n);
      }
    }
    return new Graph(g.specs(), g.inputs(), constants, nodes, g.outputs());
  }

  private static boolean isSmall(Graph g, Graph.Node n) {
    long limit = n.op() instanceof Movement.BroadcastTo ? LARGEST_REPEATED : LARGEST;
    for (TensorSpec s : g.specs(n.outputs())) {
      if (s.shape().size() > limit) {
        return false;
      }
    }
    return true;
  }
}
