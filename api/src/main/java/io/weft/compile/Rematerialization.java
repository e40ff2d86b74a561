package io.weft.compile;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets a group compute a value of another group again instead of reading it from memory: where a
 * few cheap steps make it of what the reader reads anyway and at most one value more, which is
 * stored in any case. A mask of a forward pass then never meets memory: the gradient compares the
 * activation again.
 */
final class Rematerialization {
  /** Smaller values stay in a cache; to store them costs no more than to make them again. */
  private static final int LEAST = 1 << 14;

  private static final int MOST_STEPS = 4;

  private static final Set<UnaryFunction> CHEAP_UNARY =
      EnumSet.of(
          UnaryFunction.ABSOLUTE,
          UnaryFunction.NEGATIVE,
          UnaryFunction.SQUARE,
          UnaryFunction.RELU,
          UnaryFunction.LOGICAL_NOT);

  private static final Set<BinaryFunction> CHEAP_BINARY =
      EnumSet.of(
          BinaryFunction.ADD,
          BinaryFunction.SUBTRACT,
          BinaryFunction.MULTIPLY,
          BinaryFunction.MAXIMUM,
          BinaryFunction.MINIMUM,
          BinaryFunction.EQUAL,
          BinaryFunction.NOT_EQUAL,
          BinaryFunction.LESS,
          BinaryFunction.LESS_EQUAL,
          BinaryFunction.GREATER,
          BinaryFunction.GREATER_EQUAL,
          BinaryFunction.LOGICAL_AND,
          BinaryFunction.LOGICAL_OR);

  private final ElementwiseGroups groups;
  private final Map<Integer, List<Integer>> readers = new HashMap<>();
  private final Set<Integer> stored = new HashSet<>(); // of the values that groups make

  private Rematerialization(ElementwiseGroups groups) {
    this.groups = groups;
    Graph g = groups.graph;
    for (int n = 0; n < g.nodes().size(); n++) {
      for (int in : g.nodes().get(n).inputs()) {
        readers.computeIfAbsent(in, i -> new ArrayList<>()).add(n);
      }
    }
    stored.addAll(g.outputs());
  }

  static void apply(ElementwiseGroups groups) {
    Rematerialization r = new Rematerialization(groups);
    for (int n = 0; n < groups.group.length; n++) {
      if (groups.group[n] >= 0 && !groups.isSum(n)) {
        r.decide(n);
      }
    }
  }

  /** Stores the value of a node, or has it made again by all groups that read it. */
  private void decide(int n) {
    int value = groups.node(n).outputs().get(0);
    Set<Integer> others = new LinkedHashSet<>();
    for (int r : readers.getOrDefault(value, List.of())) {
      int group = groups.group[r];
      if (group != groups.group[n]) {
        others.add(group);
        if (group < 0
            || !groups.shape(groups.node(r).outputs().get(0)).equals(groups.shape(value))) {
          stored.add(value);
        }
      }
    }
    if (others.isEmpty() || stored.contains(value)) {
      return;
    }
    Map<Integer, Chain> chains = new HashMap<>();
    for (int group : others) {
      Chain chain = new Chain(group, value);
      if (!chain.add(n)) {
        stored.add(value);
        return;
      }
      chains.put(group, chain);
    }
    chains.forEach((group, chain) -> groups.guests.get(group).addAll(chain.steps));
  }

  private boolean isCheap(int n) {
    Op op = groups.node(n).op();
    Graph g = groups.graph;
    DType to = g.specs().get(groups.node(n).outputs().get(0)).dtype();
    DType from = g.specs().get(groups.node(n).inputs().get(0)).dtype();
    return isPlain(to)
        && isPlain(from)
        && (op instanceof Elementwise.Cast
            || op instanceof Elementwise.Select
            || (op instanceof Elementwise.Unary u && CHEAP_UNARY.contains(u.function()))
            || (op instanceof Elementwise.Binary b && CHEAP_BINARY.contains(b.function())));
  }

  private static boolean isPlain(DType d) {
    return d == DType.FLOAT32 || d == DType.BOOL;
  }

  /** The steps that make a value once more for a group. */
  private final class Chain {
    private final int group;
    private final int value;
    private final Set<Integer> steps = new HashSet<>();
    private int more = -1; // the value that the group did not read so far

    Chain(int group, int value) {
      this.group = group;
      this.value = value;
    }

    /** Adds a node and what it needs; false if that is too much. */
    private boolean add(int n) {
      if (steps.contains(n)) {
        return true;
      }
      steps.add(n);
      if (steps.size() > MOST_STEPS || !isCheap(n)) {
        return false;
      }
      for (int in : groups.node(n).inputs()) {
        if (!isAtHand(in) && !(isStored(in) ? read(in) : add(groups.producer[in]))) {
          return false;
        }
      }
      return true;
    }

    /** Whether others than groups make a value, or it is kept for them. */
    private boolean isStored(int in) {
      int p = groups.producer[in];
      return p < 0 || groups.group[p] < 0 || groups.isSum(p) || stored.contains(in);
    }

    /** Whether a value is too small to count, made by the group, or read by it. */
    private boolean isAtHand(int in) {
      int from = groups.unrepeated(in);
      return groups.shape(from).size() <= groups.shape(value).size() / 8
          || groups.makes(group, in)
          || (isStored(in) && isRead(in));
    }

    private boolean isRead(int in) {
      for (int n : readers.getOrDefault(in, List.of())) {
        if (groups.group[n] == group || groups.guests.get(group).contains(n)) {
          return true;
        }
      }
      return false;
    }

    /** One value may be read for this one: what is not stored any more costs more to read. */
    private boolean read(int in) {
      boolean one = more < 0 || more == in;
      more = in;
      return one && groups.shape(value).size() >= LEAST && !wider(in);
    }

    private boolean wider(int in) {
      List<TensorSpec> specs = groups.graph.specs();
      return specs.get(in).dtype() != DType.BOOL && specs.get(value).dtype() == DType.BOOL;
    }
  }
}
