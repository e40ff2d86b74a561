package io.weft.compile;

import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes equal ops on equal values once. Ops are values, so equality says everything. */
final class CommonValues {
  private CommonValues() {}

  /** Hashed without the op's numbers: hashing records of every kind slows the first call. */
  private record Key(Op op, List<Integer> inputs) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && inputs.equals(k.inputs) && op.equals(k.op);
    }

    @Override
    public int hashCode() {
      return 31 * op.getClass().hashCode() + inputs.hashCode();
    }
  }

  static Graph share(Graph g) {
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

  static List<Integer> renamed(List<Integer> values, Map<Integer, Integer> same) {
    boolean any = false;
    for (Integer v : values) {
      any |= same.containsKey(v);
    }
    return any ? values.stream().map(v -> same.getOrDefault(v, v)).toList() : values;
  }
}
