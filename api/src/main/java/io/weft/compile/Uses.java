package io.weft.compile;

import io.weft.tensor.Graph;

/** How often each value of a graph is read; outputs count as one more. */
final class Uses {
  private Uses() {}

  static int[] count(Graph g) {
    int[] uses = new int[g.specs().size()];
    for (Graph.Node n : g.nodes()) {
      for (int i : n.inputs()) {
        uses[i]++;
      }
    }
    for (int o : g.outputs()) {
      uses[o]++;
    }
    return uses;
  }
}
