package io.weft.compile;

import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes what depends on some inputs alone out of a graph: factors of a batch normalization, casts
 * to fewer bits and transposes of weights. Values that would take more room than what they are made
 * of stay: all weights at once in a wider type may not fit where one after the other does.
 *
 * @param before makes the values that are the same as long as these inputs are
 * @param main the rest; its inputs are those of the whole graph and then the results of {@code
 *     before}
 */
record Hoisting(Graph before, Graph main) {
  /** Fewer elements than this are as quickly made as looked up. */
  private static final long SMALLEST = 8;

  /** Bytes of a value that may be larger than what it is made of. */
  private static final long SMALL = 1 << 14;

  /**
   * @param inputs indices of the inputs that stay the same from run to run
   * @return null if nothing is worth it
   */
  static Hoisting of(Graph g, List<Integer> inputs) {
    Set<Integer> lasting = new HashSet<>();
    for (int i : inputs) {
      lasting.add(g.inputs().get(i));
    }
    Set<Integer> known = new HashSet<>(lasting);
    known.addAll(g.constants().keySet());
    Set<Integer> made = new HashSet<>(); // by ops that compute, from lasting values
    List<Graph.Node> before = new ArrayList<>();
    List<Graph.Node> main = new ArrayList<>();
    for (Graph.Node n : g.nodes()) {
      boolean hoisted = !Collections.disjoint(lasting, n.inputs()) && fits(g, n, known);
      if (hoisted) {
        before.add(n);
        known.addAll(n.outputs());
        lasting.addAll(n.outputs());
        if (!isAlias(n.op())) {
          made.addAll(n.outputs());
        }
      }
      if (!hoisted || isAlias(n.op())) {
        main.add(n); // an alias costs nothing, and its array is its input's
      }
    }
    Graph rest = DeadCode.drop(new Graph(g.specs(), g.inputs(), g.constants(), main, g.outputs()));
    Set<Integer> needed = new LinkedHashSet<>();
    for (Graph.Node n : rest.nodes()) {
      needed.addAll(n.inputs());
    }
    needed.addAll(g.outputs());
    needed.retainAll(made);
    boolean large = false;
    for (int v : needed) {
      large |= g.specs().get(v).shape().size() >= SMALLEST;
    }
    if (!large) {
      return null;
    }
    List<Integer> results = List.copyOf(needed);
    List<Integer> all = new ArrayList<>(g.inputs());
    all.addAll(results);
    return new Hoisting(
        DeadCode.drop(new Graph(g.specs(), g.inputs(), g.constants(), before, results)),
        new Graph(g.specs(), all, rest.constants(), rest.nodes(), g.outputs()));
  }

  private static boolean isAlias(Op op) {
    return op instanceof Movement.Reshape || op instanceof Elementwise.StopGradient;
  }

  private static boolean fits(Graph g, Graph.Node n, Set<Integer> known) {
    return known.containsAll(n.inputs())
        && bytes(g.specs(n.outputs())) <= Math.max(SMALL, bytes(g.specs(n.inputs())));
  }

  private static long bytes(List<TensorSpec> specs) {
    return specs.stream().mapToLong(s -> s.shape().size() * s.dtype().bytes()).sum();
  }
}
