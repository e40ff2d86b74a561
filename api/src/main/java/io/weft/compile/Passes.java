package io.weft.compile;

import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Graph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Graph to graph: common subexpressions and dead code. Each pass keeps the inputs and outputs. */
public final class Passes {
  private Passes() {}

  /** All passes, in their order. */
  public static Graph simplify(Graph g) {
    return dropDead(shareCommon(g));
  }

  private record Key(Object op, List<Integer> inputs) {}

  /** Computes equal ops on equal values once. Ops are values, so equality says everything. */
  static Graph shareCommon(Graph g) {
    Map<Integer, Integer> same = new HashMap<>();
    Map<Key, List<Integer>> seen = new HashMap<>();
    List<Graph.Node> nodes = new ArrayList<>();
    for (Graph.Node n : g.nodes()) {
      List<Integer> in = renamed(n.inputs(), same);
      List<Integer> known = seen.putIfAbsent(new Key(n.op(), in), n.outputs());
      if (known == null) {
        nodes.add(new Graph.Node(n.op(), in, n.outputs()));
      } else {
        for (int i = 0; i < known.size(); i++) {
          same.put(n.outputs().get(i), known.get(i));
        }
      }
    }
    return new Graph(g.specs(), g.inputs(), g.constants(), nodes, renamed(g.outputs(), same));
  }

  private static List<Integer> renamed(List<Integer> values, Map<Integer, Integer> same) {
    return values.stream().map(v -> same.getOrDefault(v, v)).toList();
  }

  /** Leaves out nodes and constants that no output needs. */
  static Graph dropDead(Graph g) {
    Set<Integer> live = new HashSet<>(g.outputs());
    List<Graph.Node> nodes = new ArrayList<>();
    for (int i = g.nodes().size() - 1; i >= 0; i--) {
      Graph.Node n = g.nodes().get(i);
      if (n.outputs().stream().anyMatch(live::contains)) {
        live.addAll(n.inputs());
        nodes.add(0, n);
      }
    }
    Map<Integer, ArrayTensor> constants = new LinkedHashMap<>();
    g.constants()
        .forEach(
            (id, t) -> {
              if (live.contains(id)) {
                constants.put(id, t);
              }
            });
    return new Graph(g.specs(), g.inputs(), constants, nodes, g.outputs());
  }
}
