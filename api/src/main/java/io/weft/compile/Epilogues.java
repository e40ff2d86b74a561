package io.weft.compile;

import io.weft.fused.Product;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Linalg;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets products of float32 matrices and convolutions add the bias and apply the activation that
 * follow them and are the only use of their results.
 */
final class Epilogues {
  private final Graph g;
  private final int[] uses;

  /** Products and what they have taken up so far, by the value they make at present. */
  private final Map<Integer, Integer> at = new HashMap<>();

  private final List<Graph.Node> nodes = new ArrayList<>();
  private final List<TensorSpec> specs;
  private final Map<Integer, Graph.Node> reshapes = new HashMap<>();

  private Epilogues(Graph g) {
    this.g = g;
    this.uses = Uses.count(g);
    this.specs = new ArrayList<>(g.specs());
  }

  static Graph attach(Graph g) {
    return new Epilogues(g).run();
  }

  private Graph run() {
    for (Graph.Node n : g.nodes()) {
      if (movedBeforeReshape(n)) {
        continue;
      }
      if (n.op() instanceof Movement.Reshape) {
        reshapes.put(n.outputs().get(0), n);
      }
      Graph.Node taken = taken(n);
      if (taken == null) {
        nodes.add(n);
        if (isProduct(n.op()) && isFloat(n.outputs().get(0))) {
          at.put(n.outputs().get(0), nodes.size() - 1);
        }
      }
    }
    nodes.removeIf(java.util.Objects::isNull);
    return new Graph(specs, g.inputs(), g.constants(), nodes, g.outputs());
  }

  private boolean isFloat(int value) {
    return g.specs().get(value).dtype() == DType.FLOAT32;
  }

  private static boolean isProduct(Op op) {
    return op instanceof Linalg.MatMul || op instanceof Convolution.Conv;
  }

  /** Moves the product that a node reads to the node's place, with the node in it; or null. */
  private Graph.Node taken(Graph.Node n) {
    for (int i = 0; i < n.inputs().size(); i++) {
      Integer where = at.get(n.inputs().get(i));
      if (where == null || uses[n.inputs().get(i)] != 1) {
        continue;
      }
      Graph.Node product = nodes.get(where);
      Product p = product.op() instanceof Product q ? q : new Product(product.op(), false, null);
      Graph.Node merged = merged(p, product, n, i);
      if (merged != null) {
        nodes.set(where, null);
        nodes.add(merged);
        at.put(merged.outputs().get(0), nodes.size() - 1);
        return merged;
      }
    }
    return null;
  }

  /**
   * {@code reshape(product) + bias} where the bias has the last axes of the new shape, as
   * EinsumDense makes it: the bias is added before the reshape.
   */
  private boolean movedBeforeReshape(Graph.Node n) {
    if (!(n.op() instanceof Elementwise.Binary b) || b.function() != BinaryFunction.ADD) {
      return false;
    }
    for (int side = 0; side < 2; side++) {
      int x = n.inputs().get(side);
      int bias = n.inputs().get(1 - side);
      Graph.Node reshape = reshapes.get(x);
      Integer where = reshape == null ? null : at.get(reshape.inputs().get(0));
      if (where == null || uses[x] != 1 || uses[reshape.inputs().get(0)] != 1) {
        continue;
      }
      Shape flat = g.specs().get(reshape.inputs().get(0)).shape();
      Shape tail = g.specs().get(bias).shape();
      Shape full = g.specs().get(x).shape();
      boolean last =
          tail.rank() < full.rank()
              && tail.equals(full.slice(full.rank() - tail.rank(), full.rank()))
              && tail.size() == flat.dim(-1);
      Graph.Node product = nodes.get(where);
      if (!last || product.op() instanceof Product) {
        continue;
      }
      int flatBias = value(Shape.of(flat.dim(-1)));
      int sum = value(flat);
      nodes.set(where, null);
      nodes.set(nodes.indexOf(reshape), null);
      nodes.add(node(new Movement.Reshape(Shape.of(flat.dim(-1))), List.of(bias), flatBias));
      List<Integer> in = new ArrayList<>(product.inputs());
      in.add(flatBias);
      nodes.add(node(new Product(product.op(), true, null), in, sum));
      nodes.add(node(reshape.op(), List.of(sum), n.outputs().get(0)));
      return true;
    }
    return false;
  }

  private int value(Shape shape) {
    specs.add(new TensorSpec(shape, DType.FLOAT32));
    return specs.size() - 1;
  }

  private static Graph.Node node(Op op, List<Integer> in, int out) {
    return new Graph.Node(op, in, List.of(out));
  }

  private Graph.Node merged(Product p, Graph.Node product, Graph.Node n, int side) {
    if (p.activation() != null) {
      return null;
    }
    Shape shape = g.specs().get(n.outputs().get(0)).shape();
    if (n.op() instanceof Elementwise.Unary u && !u.function().toBool()) {
      Op op = new Product(p.product(), p.bias(), u.function());
      return new Graph.Node(op, product.inputs(), n.outputs());
    }
    if (n.op() instanceof Elementwise.Binary b
        && b.function() == BinaryFunction.ADD
        && !p.bias()
        && shape.equals(g.specs().get(n.inputs().get(side)).shape())) {
      int other = n.inputs().get(1 - side);
      if (g.specs().get(other).shape().equals(Shape.of(shape.dim(-1)))) {
        List<Integer> in = new ArrayList<>(product.inputs());
        in.add(other);
        return new Graph.Node(new Product(p.product(), true, null), in, n.outputs());
      }
    }
    return null;
  }
}
