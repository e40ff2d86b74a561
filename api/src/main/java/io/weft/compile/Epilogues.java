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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets products of float32 matrices and convolutions do what follows them, where that is the only
 * use of their results: bias, factor and shift along the last axis, activation, upper bound; see
 * {@link Product}. Every bit stays.
 */
final class Epilogues {
  private final Graph g;
  private final int[] uses;
  private final List<TensorSpec> specs;
  private final List<Graph.Node> nodes = new ArrayList<>();

  /** Where in {@link #nodes} each product, or reshape or multiple of one, stands: by its value. */
  private final Map<Integer, Integer> products = new HashMap<>();

  private final Map<Integer, Integer> reshapes = new HashMap<>();
  private final Map<Integer, Integer> multiples = new HashMap<>();

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
      if (!taken(n)) {
        nodes.add(n);
        note(n);
      }
    }
    nodes.removeAll(Collections.singleton(null));
    return new Graph(specs, g.inputs(), g.constants(), nodes, g.outputs());
  }

  private void note(Graph.Node n) {
    int y = n.outputs().get(0);
    boolean product = n.op() instanceof Linalg.MatMul || n.op() instanceof Convolution.Conv;
    if (product && specs.get(y).dtype() == DType.FLOAT32) {
      products.put(y, nodes.size() - 1);
    } else if (n.op() instanceof Movement.Reshape && sole(products, n.inputs().get(0)) != null) {
      reshapes.put(y, nodes.size() - 1);
    } else if (is(n, BinaryFunction.MULTIPLY)) {
      for (int side = 0; side < 2; side++) {
        Graph.Node p = sole(products, n.inputs().get(side));
        if (p != null && ofChannels(n.inputs().get(1 - side), n.inputs().get(side))) {
          multiples.put(y, nodes.size() - 1);
        }
      }
    }
  }

  private static boolean is(Graph.Node n, BinaryFunction f) {
    return n.op() instanceof Elementwise.Binary b && b.function() == f;
  }

  /** The node that made a value, if it is among these and nothing else reads the value. */
  private Graph.Node sole(Map<Integer, Integer> among, int value) {
    Integer at = among.get(value);
    return at == null || uses[value] != 1 ? null : nodes.get(at);
  }

  /** Whether a value has one number for each element of another's last axis. */
  private boolean ofChannels(int value, int of) {
    Shape v = specs.get(value).shape();
    Shape y = specs.get(of).shape();
    return v.rank() >= 1 && v.rank() <= y.rank() && v.dim(-1) == y.dim(-1) && v.size() == v.dim(-1);
  }

  private boolean taken(Graph.Node n) {
    for (int side = 0; side < n.inputs().size() && side < 2; side++) {
      int x = n.inputs().get(side);
      int other = n.inputs().size() == 2 ? n.inputs().get(1 - side) : -1;
      if (sole(products, x) != null && follows(n, x, other)) {
        return true;
      }
      if (is(n, BinaryFunction.ADD)) {
        if (sole(multiples, x) != null && affine(n, x, other)) {
          return true;
        }
        if (sole(reshapes, x) != null && beforeReshape(n, x, other)) {
          return true;
        }
      }
    }
    return false;
  }

  /** A bias, activation or bound right after a product. */
  private boolean follows(Graph.Node n, int x, int other) {
    Graph.Node product = nodes.get(products.get(x));
    Product p = asProduct(product);
    if (n.op() instanceof Elementwise.Unary u && !u.function().toBool()) {
      return p.activation() == null
          && !p.isBounded()
          && replace(
              x,
              new Product(p.product(), p.bias(), p.affine(), u.function(), p.most()),
              product.inputs(),
              n);
    }
    boolean plain = !p.affine() && p.activation() == null && !p.isBounded();
    if (is(n, BinaryFunction.ADD) && plain && !p.bias() && ofChannels(other, x)) {
      List<Integer> in = new ArrayList<>(product.inputs());
      in.add(flat(other));
      return replace(
          x, new Product(p.product(), true, false, null, Double.POSITIVE_INFINITY), in, n);
    }
    if (is(n, BinaryFunction.MINIMUM)
        && !p.isBounded()
        && g.constants().containsKey(other)
        && specs.get(other).shape().size() == 1) {
      double most = g.constants().get(other).toHostArray().doubleAt(0);
      return !Double.isNaN(most)
          && replace(
              x,
              new Product(p.product(), p.bias(), p.affine(), p.activation(), most),
              product.inputs(),
              n);
    }
    return false;
  }

  /** {@code product · factor + shift}. */
  private boolean affine(Graph.Node n, int multiple, int shift) {
    int at = multiples.get(multiple);
    Graph.Node m = nodes.get(at);
    int side = products.containsKey(m.inputs().get(0)) ? 0 : 1;
    int x = m.inputs().get(side);
    Graph.Node product = nodes.get(products.get(x));
    Product p = asProduct(product);
    if (p.affine() || p.activation() != null || p.isBounded() || !ofChannels(shift, multiple)) {
      return false;
    }
    nodes.set(at, null);
    List<Integer> in = new ArrayList<>(product.inputs());
    in.add(flat(m.inputs().get(1 - side)));
    in.add(flat(shift));
    return replace(x, new Product(p.product(), p.bias(), true, null, p.most()), in, n);
  }

  /**
   * {@code reshape(product) + bias} where the bias has the last axes of the new shape, as
   * EinsumDense makes it: the bias is added before the reshape.
   */
  private boolean beforeReshape(Graph.Node n, int reshaped, int bias) {
    int at = reshapes.get(reshaped);
    Graph.Node reshape = nodes.get(at);
    int x = reshape.inputs().get(0);
    Shape tail = specs.get(bias).shape();
    Shape full = specs.get(reshaped).shape();
    boolean last =
        tail.rank() < full.rank()
            && tail.equals(full.slice(full.rank() - tail.rank(), full.rank()))
            && tail.size() == specs.get(x).shape().dim(-1);
    Graph.Node product = nodes.get(products.get(x));
    if (!last || product.op() instanceof Product) {
      return false;
    }
    nodes.set(at, null);
    nodes.set(products.get(x), null);
    List<Integer> in = new ArrayList<>(product.inputs());
    in.add(flat(bias));
    int sum = value(specs.get(x).shape());
    Op op = new Product(product.op(), true, false, null, Double.POSITIVE_INFINITY);
    nodes.add(new Graph.Node(op, in, List.of(sum)));
    nodes.add(new Graph.Node(reshape.op(), List.of(sum), n.outputs()));
    return true;
  }

  private static Product asProduct(Graph.Node n) {
    return n.op() instanceof Product p ? p : Product.of(n.op());
  }

  /** Puts an op in the place of a node and removes the product that it continues. */
  private boolean replace(int product, Op op, List<Integer> in, Graph.Node n) {
    nodes.set(products.get(product), null);
    nodes.add(new Graph.Node(op, in, n.outputs()));
    products.put(n.outputs().get(0), nodes.size() - 1);
    return true;
  }

  /** A value as a vector. */
  private int flat(int value) {
    Shape s = specs.get(value).shape();
    if (s.rank() == 1) {
      return value;
    }
    Shape one = Shape.of(s.intSize());
    int to = value(one);
    nodes.add(new Graph.Node(new Movement.Reshape(one), List.of(value), List.of(to)));
    return to;
  }

  private int value(Shape shape) {
    specs.add(new TensorSpec(shape, DType.FLOAT32));
    return specs.size() - 1;
  }
}
