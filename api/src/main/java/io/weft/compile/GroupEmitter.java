package io.weft.compile;

import io.weft.fused.FusedElementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Reduction;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Writes a graph again with each group as one node. */
final class GroupEmitter {
  private final ElementwiseGroups groups;
  private final Graph g;
  private final boolean[] done;
  private final boolean[] needed; // values read by others than those who compute them
  private final List<Graph.Node> out = new ArrayList<>();

  GroupEmitter(ElementwiseGroups groups) {
    this.groups = groups;
    this.g = groups.graph;
    this.done = new boolean[g.nodes().size()];
    this.needed = new boolean[g.specs().size()];
  }

  Graph emit() {
    for (int n = 0; n < done.length; n++) {
      if (groups.group[n] < 0) {
        groups.node(n).inputs().forEach(in -> needed[in] = true);
      }
    }
    for (int i = 0; i < groups.members.size(); i++) {
      for (int n : groups.computed(i)) {
        for (int in : groups.node(n).inputs()) {
          needed[in] |= !groups.makes(i, in);
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
    int group = groups.group[n];
    (group < 0 ? List.of(n) : groups.members.get(group)).forEach(m -> done[m] = true);
    for (int m : group < 0 ? List.of(n) : groups.computed(group)) {
      for (int in : groups.node(m).inputs()) {
        if (groups.producer[in] >= 0) {
          emit(groups.producer[in]);
        }
      }
    }
    if (group < 0) {
      out.add(groups.node(n));
    } else {
      fuse(group);
    }
  }

  /** What must be computed for the results of a group, and for the sums among them. */
  private TreeSet<Integer> live(int group) {
    TreeSet<Integer> live = new TreeSet<>();
    Set<Integer> read = new HashSet<>();
    for (int m : groups.computed(group).descendingSet()) {
      int y = groups.node(m).outputs().get(0);
      boolean result = groups.group[m] == group && needed[y];
      if (result || read.contains(y)) {
        live.add(m);
        read.addAll(groups.node(m).inputs());
      }
    }
    return live;
  }

  private void fuse(int group) {
    TreeSet<Integer> live = live(group);
    Set<Integer> inputs = new LinkedHashSet<>();
    boolean repeats = false;
    for (int m : live) {
      for (int in : groups.node(m).inputs()) {
        if (!groups.makes(group, in)) {
          int from = groups.unrepeated(in);
          repeats |= from != in;
          inputs.add(from);
        }
      }
    }
    if (live.size() <= 1 && !repeats) {
      live.forEach(m -> out.add(groups.node(m)));
      return;
    }
    Map<Integer, Integer> ids = new HashMap<>();
    List<TensorSpec> specs = new ArrayList<>();
    List<Integer> own = new ArrayList<>();
    inputs.forEach(in -> own.add(id(in, ids, specs)));
    List<Graph.Node> body = new ArrayList<>();
    List<Integer> results = new ArrayList<>();
    List<Integer> outputs = new ArrayList<>();
    List<Integer> summed = new ArrayList<>();
    for (int m : live) {
      Graph.Node node = groups.node(m);
      List<Integer> in = new ArrayList<>();
      for (int i : node.inputs()) {
        in.add(ids.get(groups.makes(group, i) ? i : groups.unrepeated(i)));
      }
      int y = node.outputs().get(0);
      boolean sum = groups.isSum(m);
      if (!sum) {
        body.add(new Graph.Node(node.op(), in, List.of(id(y, ids, specs))));
      }
      if (needed[y] && groups.group[m] == group) {
        results.add(sum ? in.get(0) : ids.get(y));
        summed.add(sum ? ((Reduction.Reduce) node.op()).axes().size() : 0);
        outputs.add(y);
      }
    }
    Op op = new FusedElementwise(new Graph(specs, own, Map.of(), body, results), summed);
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
