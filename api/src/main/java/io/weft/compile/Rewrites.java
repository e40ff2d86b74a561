package io.weft.compile;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Convolution;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.HostArray;
import io.weft.tensor.Linalg;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.Rules;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Local simplifications that keep every bit: stop_gradient and reshapes to the same shape go away,
 * transposes go into the products that read them, zeros around an input into the convolution, a
 * factor of exactly 1 is not multiplied.
 */
final class Rewrites {
  private final Graph g;
  private final Map<Integer, Integer> same = new HashMap<>();
  private final Map<Integer, Graph.Node> producer = new HashMap<>();

  private Rewrites(Graph g) {
    this.g = g;
  }

  static Graph apply(Graph g) {
    return new Rewrites(g).run();
  }

  private Graph run() {
    List<Graph.Node> nodes = new ArrayList<>();
    for (Graph.Node old : g.nodes()) {
      List<Integer> in = CommonValues.renamed(old.inputs(), same);
      Graph.Node n = rewritten(new Graph.Node(old.op(), in, old.outputs()));
      Integer alias = alias(n);
      if (alias != null) {
        same.put(n.outputs().get(0), alias);
      } else {
        nodes.add(n);
        for (int o : n.outputs()) {
          producer.put(o, n);
        }
      }
    }
    List<Integer> outputs = CommonValues.renamed(g.outputs(), same);
    return new Graph(g.specs(), g.inputs(), g.constants(), nodes, outputs);
  }

  /** The earlier value that a node only repeats, or null. */
  private Integer alias(Graph.Node n) {
    Op op = n.op();
    int x = n.inputs().isEmpty() ? -1 : n.inputs().get(0);
    if (op instanceof Elementwise.StopGradient) {
      return x;
    }
    boolean sameSpec = x >= 0 && spec(x).equals(spec(n.outputs().get(0)));
    boolean moves =
        op instanceof Movement.Reshape
            || op instanceof Movement.BroadcastTo
            || op instanceof Elementwise.Cast;
    if (moves && sameSpec) {
      return x;
    }
    if (op instanceof Elementwise.Binary b && b.function() == BinaryFunction.MULTIPLY) {
      int y = n.inputs().get(1);
      if (isOne(y) && sameSpec) {
        return x;
      }
      if (isOne(x) && spec(y).equals(spec(n.outputs().get(0)))) {
        return y;
      }
    }
    return null;
  }

  private TensorSpec spec(int value) {
    return g.specs().get(value);
  }

  /** Whether all elements of a value are the constant 1. */
  private boolean isOne(int value) {
    if (g.constants().containsKey(value)) {
      if (spec(value).shape().size() != 1) {
        return false;
      }
      HostArray a = g.constants().get(value).toHostArray();
      return a.doubleAt(0) == 1;
    }
    Graph.Node n = producer.get(value);
    return n != null
        && (n.op() instanceof Movement.BroadcastTo || n.op() instanceof Movement.Reshape)
        && isOne(n.inputs().get(0));
  }

  private Graph.Node rewritten(Graph.Node n) {
    if (n.op() instanceof Linalg.MatMul m) {
      Integer a = untransposed(n.inputs().get(0));
      Integer b = untransposed(n.inputs().get(1));
      if (a != null || b != null) {
        Op op = new Linalg.MatMul(m.transposeA() != (a != null), m.transposeB() != (b != null));
        List<Integer> in =
            List.of(a != null ? a : n.inputs().get(0), b != null ? b : n.inputs().get(1));
        return new Graph.Node(op, in, n.outputs());
      }
    }
    if (n.op() instanceof Elementwise.Select) {
      return bounded(n);
    }
    if (n.op() instanceof Convolution.Conv c) {
      return unpadded(n, c.geometry(), Convolution.Conv::new);
    }
    if (n.op() instanceof Convolution.ConvFilterGradient c) {
      return unpadded(n, c.geometry(), g -> new Convolution.ConvFilterGradient(g, c.kernel()));
    }
    Graph.Node before = n.inputs().isEmpty() ? null : producer.get(n.inputs().get(0));
    if (before != null
        && n.op() instanceof Movement.Reshape
        && before.op() instanceof Movement.Reshape) {
      Op op = new Movement.Reshape(spec(n.outputs().get(0)).shape());
      return new Graph.Node(op, before.inputs(), n.outputs());
    }
    return n;
  }

  /** A convolution pads by itself what was padded with zeros before: no copy is made. */
  private Graph.Node unpadded(
      Graph.Node n, Convolution.Geometry g, Function<Convolution.Geometry, Op> remake) {
    Graph.Node before = producer.get(n.inputs().get(0));
    if (before == null || !(before.op() instanceof Movement.Pad pad) || pad.value() != 0) {
      return n;
    }
    int last = pad.low().size() - 1;
    for (int axis : new int[] {0, last}) {
      if (pad.low().get(axis) != 0 || pad.high().get(axis) != 0) {
        return n;
      }
    }
    List<Integer> low = new ArrayList<>();
    List<Integer> high = new ArrayList<>();
    for (int i = 0; i < last - 1; i++) {
      low.add(g.low().get(i) + pad.low().get(i + 1));
      high.add(g.high().get(i) + pad.high().get(i + 1));
    }
    Op op =
        remake.apply(new Convolution.Geometry(g.strides(), low, high, g.dilation(), g.groups()));
    return new Graph.Node(op, List.of(before.inputs().get(0), n.inputs().get(1)), n.outputs());
  }

  /** {@code x ≥ c ? c : relu(x)}, as Keras writes a bounded ReLU, is {@code min(relu(x), c)}. */
  private Graph.Node bounded(Graph.Node n) {
    Graph.Node test = producer.get(n.inputs().get(0));
    Graph.Node relu = producer.get(n.inputs().get(2));
    boolean ok =
        test != null
            && relu != null
            && test.op().equals(new Elementwise.Binary(BinaryFunction.GREATER_EQUAL))
            && relu.op().equals(new Elementwise.Unary(UnaryFunction.RELU))
            && test.inputs().get(0).equals(relu.inputs().get(0))
            && spec(n.inputs().get(2)).equals(spec(n.outputs().get(0)));
    double c = ok ? scalar(n.inputs().get(1)) : Double.NaN;
    if (!(c > 0) || scalar(test.inputs().get(1)) != c) {
      return n;
    }
    List<Integer> in = List.of(n.inputs().get(2), n.inputs().get(1));
    return new Graph.Node(new Elementwise.Binary(BinaryFunction.MINIMUM), in, n.outputs());
  }

  /** The number of a constant of one element, or NaN. */
  private double scalar(int value) {
    return g.constants().containsKey(value) && spec(value).shape().size() == 1
        ? g.constants().get(value).toHostArray().doubleAt(0)
        : Double.NaN;
  }

  /** The value before a transpose that swaps the last two axes and nothing else, or null. */
  private Integer untransposed(int value) {
    Graph.Node n = producer.get(value);
    if (n == null || !(n.op() instanceof Movement.Transpose t)) {
      return null;
    }
    int[] p = Rules.array(t.permutation());
    int rank = p.length;
    for (int i = 0; i < rank - 2; i++) {
      if (p[i] != i) {
        return null;
      }
    }
    return rank >= 2 && p[rank - 2] == rank - 1 ? n.inputs().get(0) : null;
  }
}
