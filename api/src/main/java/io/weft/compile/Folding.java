package io.weft.compile;

import io.weft.tensor.ArrayTensor;
import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import io.weft.tensor.HostArray;
import io.weft.tensor.Movement;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
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
        for (int i : n.inputs()) {
          in.add(constants.get(i));
        }
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

  /** Constants that repeat one number are made of a scalar by the ops that read them. */
  static Graph repeated(Graph g) {
    Map<Integer, ArrayTensor> constants = new LinkedHashMap<>();
    List<TensorSpec> specs = new ArrayList<>(g.specs());
    List<Graph.Node> nodes = new ArrayList<>();
    g.constants()
        .forEach(
            (id, t) -> {
              boolean large = t.dtype() != DType.STRING && t.shape().size() > LARGEST_REPEATED;
              HostArray one = large ? only(t.toHostArray()) : null;
              if (one == null) {
                constants.put(id, t);
                return;
              }
              ArrayTensor scalar =
                  ArrayTensor.of(t.storage().backend().upload(one, true), Shape.SCALAR);
              constants.put(specs.size(), scalar);
              nodes.add(
                  new Graph.Node(
                      new Movement.BroadcastTo(t.shape()), List.of(specs.size()), List.of(id)));
              specs.add(scalar.spec());
            });
    nodes.addAll(g.nodes());
    return new Graph(specs, g.inputs(), constants, nodes, g.outputs());
  }

  /** The one number that an array repeats, or null. */
  private static HostArray only(HostArray a) {
    int n = a.size();
    Object x = a.data();
    int differs;
    if (x instanceof float[] f) {
      differs = Arrays.mismatch(f, 0, n - 1, f, 1, n);
    } else if (x instanceof double[] d) {
      differs = Arrays.mismatch(d, 0, n - 1, d, 1, n);
    } else if (x instanceof int[] i) {
      differs = Arrays.mismatch(i, 0, n - 1, i, 1, n);
    } else if (x instanceof byte[] b) {
      differs = Arrays.mismatch(b, 0, n - 1, b, 1, n);
    } else if (x instanceof short[] s) {
      differs = Arrays.mismatch(s, 0, n - 1, s, 1, n);
    } else {
      long[] l = (long[]) x;
      differs = Arrays.mismatch(l, 0, n - 1, l, 1, n);
    }
    if (differs >= 0) {
      return null;
    }
    HostArray one = HostArray.zeros(a.dtype(), Shape.SCALAR);
    System.arraycopy(x, 0, one.data(), 0, 1);
    return one;
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
