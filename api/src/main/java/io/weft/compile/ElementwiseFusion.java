package io.weft.compile;

import io.weft.fused.FusedElementwise;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gathers element-wise ops of one result shape that read each other into {@link FusedElementwise}
 * ops. A node joins the groups of its inputs, and so makes one of them, where nothing outside lies
 * between. Repeating a value along axes is left to the op that reads it.
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
    return new GroupEmitter(g, f.producer, f.group, f.groups).emit();
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

  /** Writes the graph again with each group as one node. */
  private static final class GroupEmitter {
    private final Graph g;
    private final int[] producer;
    private final int[] group;
    private final List<List<Integer>> groups;
    private final boolean[] done;
    private final boolean[] needed; // values read outside of their group
    private final List<Graph.Node> out = new ArrayList<>();

    GroupEmitter(Graph g, int[] producer, int[] group, List<List<Integer>> groups) {
      this.g = g;
      this.producer = producer;
      this.group = group;
      this.groups = groups;
      this.done = new boolean[g.nodes().size()];
      this.needed = new boolean[g.specs().size()];
    }

    Graph emit() {
      for (int n = 0; n < done.length; n++) {
        for (int in : g.nodes().get(n).inputs()) {
          int p = producer[in];
          if (p < 0 || group[p] < 0 || group[p] != group[n]) {
            needed[in] = true;
          }
        }
      }
      g.outputs().forEach(o -> needed[o] = true);
      for (int n = 0; n < done.length; n++) {
        emit(n);
      }
      return new Graph(g.specs(), g.inputs(), g.constants(), out, g.outputs());
    }

    private void emit(int n) {
      if (done[n]) {
        return;
      }
      List<Integer> members = group[n] < 0 ? List.of(n) : groups.get(group[n]);
      members.forEach(m -> done[m] = true);
      for (int m : members) {
        for (int in : g.nodes().get(m).inputs()) {
          if (producer[in] >= 0) {
            emit(producer[in]);
          }
        }
      }
      if (group[n] < 0) {
        out.add(g.nodes().get(n));
      } else {
        fuse(members);
      }
    }

    /** What a value is made of before it is repeated along axes. */
    private int unrepeated(int value) {
      int p = producer[value];
      return p >= 0 && g.nodes().get(p).op() instanceof Movement.BroadcastTo
          ? unrepeated(g.nodes().get(p).inputs().get(0))
          : value;
    }

    private void fuse(List<Integer> members) {
      Set<Integer> inputs = new LinkedHashSet<>();
      Set<Integer> made = new LinkedHashSet<>();
      boolean repeats = false;
      for (int m : members) {
        for (int in : g.nodes().get(m).inputs()) {
          if (!made.contains(in)) {
            int from = unrepeated(in);
            repeats |= from != in;
            inputs.add(from);
          }
        }
        made.addAll(g.nodes().get(m).outputs());
      }
      if (members.size() == 1 && !repeats) {
        out.add(g.nodes().get(members.get(0)));
        return;
      }
      Map<Integer, Integer> ids = new HashMap<>();
      List<TensorSpec> specs = new ArrayList<>();
      List<Integer> own = new ArrayList<>();
      for (int in : inputs) {
        own.add(id(in, ids, specs));
      }
      List<Graph.Node> body = new ArrayList<>();
      List<Integer> results = new ArrayList<>();
      List<Integer> outputs = new ArrayList<>();
      for (int m : members) {
        Graph.Node node = g.nodes().get(m);
        List<Integer> in = new ArrayList<>();
        for (int i : node.inputs()) {
          in.add(made.contains(i) ? ids.get(i) : ids.get(unrepeated(i)));
        }
        int y = node.outputs().get(0);
        body.add(new Graph.Node(node.op(), in, List.of(id(y, ids, specs))));
        if (needed[y]) {
          results.add(ids.get(y));
          outputs.add(y);
        }
      }
      Op op = new FusedElementwise(new Graph(specs, own, Map.of(), body, results));
      out.add(new Graph.Node(op, new ArrayList<>(inputs), outputs));
    }

    private int id(int value, Map<Integer, Integer> ids, List<TensorSpec> specs) {
      return ids.computeIfAbsent(
          value,
          v -> {
            specs.add(g.specs().get(v));
            return specs.size() - 1;
          });
    }
  }
}
