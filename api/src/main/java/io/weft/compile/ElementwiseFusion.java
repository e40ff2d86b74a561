package io.weft.compile;

import io.weft.fused.FusedElementwise;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * Gathers element-wise ops of one result shape that read each other into {@link FusedElementwise}
 * ops. A node joins the groups of its inputs, and so makes one of them, where nothing outside lies
 * between. Repeating a value along axes is left to the op that reads it, and sums over leading axes
 * are left to the op that makes what they add.
 */
final class ElementwiseFusion {
  private static final int LARGEST = 48;

  private final Graph g;
  private final List<Graph.Node> nodes;
  private final int[] producer;
  private final int[] group;
  private final List<List<Integer>> groups = new ArrayList<>();

  private ElementwiseFusion(Graph g) {
    this.g = g;
    this.nodes = g.nodes();
    this.producer = new int[g.specs().size()];
    java.util.Arrays.fill(producer, -1);
    this.group = new int[nodes.size()];
    java.util.Arrays.fill(group, -1);
  }

  static Graph apply(Graph g) {
    ElementwiseFusion f = new ElementwiseFusion(g);
    f.gather();
    f.takeSums();
    ElementwiseGroups all = new ElementwiseGroups(g, f.producer, f.group, f.groups);
    Rematerialization.apply(all);
    return new GroupEmitter(all).emit();
  }

  static boolean isElementwise(Op op) {
    return op instanceof Elementwise.Unary
        || op instanceof Elementwise.Binary
        || op instanceof Elementwise.Select
        || op instanceof Elementwise.Cast;
  }

  private Shape shape(int node) {
    return g.specs().get(nodes.get(node).outputs().get(0)).shape();
  }

  private void gather() {
    for (int n = 0; n < nodes.size(); n++) {
      for (int o : nodes.get(n).outputs()) {
        producer[o] = n;
      }
      if (isElementwise(nodes.get(n).op())) {
        int home = -1;
        for (int in : nodes.get(n).inputs()) {
          int candidate = candidate(in, shape(n));
          if (candidate >= 0 && candidate != home && mayJoin(n, home, candidate)) {
            home = home < 0 ? candidate : joined(home, candidate);
          }
        }
        if (home < 0) {
          home = groups.size();
          groups.add(new ArrayList<>());
        }
        groups.get(home).add(n);
        group[n] = home;
      }
    }
  }

  /** Sums of what a group makes become part of it where they can be taken tile by tile. */
  private void takeSums() {
    for (int n = 0; n < nodes.size(); n++) {
      Graph.Node node = nodes.get(n);
      if (FusedElementwise.sums(node.op(), g.specs(node.inputs()))) {
        int maker = producer[node.inputs().get(0)];
        if (maker >= 0 && isElementwise(nodes.get(maker).op())) {
          groups.get(group[maker]).add(n);
          group[n] = group[maker];
        }
      }
    }
  }

  /** The group that made a value, if it works in this shape. */
  private int candidate(int value, Shape shape) {
    int p = producer[value];
    return p >= 0 && group[p] >= 0 && shape(p).equals(shape) ? group[p] : -1;
  }

  private int joined(int a, int b) {
    groups.get(b).forEach(m -> group[m] = a);
    groups.get(a).addAll(groups.get(b));
    groups.get(b).clear();
    Collections.sort(groups.get(a));
    return a;
  }

  /** Whether n and two groups (one may be −1) can be one group: nothing outside lies between. */
  private boolean mayJoin(int n, int a, int b) {
    List<Integer> members = new ArrayList<>(groups.get(b));
    if (a >= 0) {
      members.addAll(groups.get(a));
    }
    if (members.size() >= LARGEST) {
      return false;
    }
    BitSet union = new BitSet(nodes.size());
    members.forEach(union::set);
    union.set(n);
    BitSet seen = new BitSet(nodes.size());
    List<Integer> todo = new ArrayList<>();
    union.stream().forEach(m -> reads(m, union, seen, todo));
    while (!todo.isEmpty()) {
      int at = todo.remove(todo.size() - 1);
      List<Integer> unit = group[at] < 0 ? List.of(at) : groups.get(group[at]);
      for (int member : unit) {
        seen.set(member);
        if (reads(member, union, seen, todo)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Puts the makers of a node's inputs on the list; whether one of them is in the union. */
  private boolean reads(int n, BitSet union, BitSet seen, List<Integer> todo) {
    boolean inside = false;
    for (int in : nodes.get(n).inputs()) {
      int p = producer[in];
      if (p >= 0 && union.get(p)) {
        inside = true;
      } else if (p >= 0 && !seen.get(p)) {
        seen.set(p);
        todo.add(p);
      }
    }
    return inside;
  }
}
