package io.weft.compile;

import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Graph;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Leaves out nodes and constants that no output needs. */
final class DeadCode {
  private DeadCode() {}

  static Graph drop(Graph g) {
    Set<Integer> live = new HashSet<>(g.outputs());
    List<Graph.Node> nodes = new ArrayList<>();
    for (int i = g.nodes().size() - 1; i >= 0; i--) {
      Graph.Node n = g.nodes().get(i);
      if (!Collections.disjoint(live, n.outputs())) {
        live.addAll(n.inputs());
        nodes.add(n);
      }
    }
    Collections.reverse(nodes);
    Map<Integer, ArrayTensor> constants = new LinkedHashMap<>();
    for (Map.Entry<Integer, ArrayTensor> c : g.constants().entrySet()) {
      if (live.contains(c.getKey())) {
        constants.put(c.getKey(), c.getValue());
      }
    }
    return new Graph(g.specs(), g.inputs(), constants, nodes, g.outputs());
  }
}
