package io.weft.compile;

import io.weft.tensor.Graph;
import io.weft.tensor.Movement;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Nodes of a graph that shall become one op each, and what such an op computes besides. */
final class ElementwiseGroups {
  final Graph graph;

  /** The node that makes each value, or −1. */
  final int[] producer;

  /** The group of each node, or −1. */
  final int[] group;

  /** Of each group: its nodes, element-wise ones and sums of what they make. */
  final List<List<Integer>> members;

  /** Of each group: nodes of other groups that it computes again, for itself. */
  final List<TreeSet<Integer>> guests = new ArrayList<>();

  ElementwiseGroups(Graph graph, int[] producer, int[] group, List<List<Integer>> members) {
    this.graph = graph;
    this.producer = producer;
    this.group = group;
    this.members = members;
    members.forEach(m -> guests.add(new TreeSet<>()));
  }

  Graph.Node node(int n) {
    return graph.nodes().get(n);
  }

  /** Whether a node is a sum that its group takes. */
  boolean isSum(int n) {
    return group[n] >= 0 && !ElementwiseFusion.isElementwise(node(n).op());
  }

  Shape shape(int value) {
    return graph.specs().get(value).shape();
  }

  /** Whether a group makes this value, for others or for itself. */
  boolean makes(int group, int value) {
    int p = producer[value];
    return p >= 0 && (this.group[p] == group || guests.get(group).contains(p));
  }

  /** All that a group computes, in the order of the graph. */
  TreeSet<Integer> computed(int group) {
    TreeSet<Integer> all = new TreeSet<>(members.get(group));
    all.addAll(guests.get(group));
    return all;
  }

  /** What a value is made of before it is repeated along axes. */
  int unrepeated(int value) {
    int p = producer[value];
    return p >= 0 && node(p).op() instanceof Movement.BroadcastTo
        ? unrepeated(node(p).inputs().get(0))
        : value;
  }
}
