package io.weft.models;

import io.weft.error.ConfigException;
import io.weft.layer.Node;
import io.weft.layer.Operation;
import io.weft.tensor.KerasTensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes between some inputs and outputs, in Keras' order (keras-formats.md 2.2.1): by
 * decreasing depth, within a depth by first visit from the outputs.
 */
final class ModelGraph {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final Map<Operation, List<Node>> nodesOf = new IdentityHashMap<>();

  ModelGraph(List<KerasTensor> inputs, List<KerasTensor> outputs) {
    Set<Node> inputNodes = Collections.newSetFromMap(new IdentityHashMap<>());
    inputs.forEach(t -> inputNodes.add(producer(t)));
    Map<Operation, Integer> visit = new IdentityHashMap<>();
    List<Node> post = new ArrayList<>();
    walk(outputs, inputNodes, visit, post);
    Map<Node, Integer> depth = new IdentityHashMap<>();
    Map<Operation, Integer> opDepth = new IdentityHashMap<>();
    for (int i = post.size() - 1; i >= 0; i--) {
      Node n = post.get(i);
      int d = Math.max(depth.getOrDefault(n, 0), opDepth.getOrDefault(n.operation(), 0));
      depth.put(n, d);
      opDepth.put(n.operation(), d);
      if (!inputNodes.contains(n)) {
        n.inputs().forEach(t -> depth.merge(producer(t), d + 1, Math::max));
      }
    }
    for (KerasTensor t : inputs) {
      Node n = producer(t);
      if (depth.putIfAbsent(n, 0) == null) {
        opDepth.put(n.operation(), 0);
        visit.put(n.operation(), -1);
        post.add(n);
      }
    }
    operations.addAll(opDepth.keySet());
    operations.sort(
        Comparator.<Operation>comparingInt(o -> -opDepth.get(o)).thenComparingInt(visit::get));
    Map<Node, Integer> position = new IdentityHashMap<>();
    post.forEach(n -> position.put(n, position.size()));
    post.sort(Comparator.<Node>comparingInt(n -> -depth.get(n)).thenComparingInt(position::get));
    nodes.addAll(topological(post, inputNodes));
    for (Node n : creationOrder(post)) {
      nodesOf.computeIfAbsent(n.operation(), o -> new ArrayList<>()).add(n);
    }
  }

  static Node producer(KerasTensor t) {
    return (Node) t.producer();
  }

  /**
   * Depth-first from the outputs, without recursion so that deep graphs do not overflow the stack.
   */
  private static void walk(
      List<KerasTensor> outputs,
      Set<Node> inputNodes,
      Map<Operation, Integer> visit,
      List<Node> post) {
    Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Node> stack = new ArrayDeque<>();
    for (KerasTensor out : outputs) {
      stack.push(producer(out));
      while (!stack.isEmpty()) {
        Node n = stack.peek();
        if (done.contains(n)) {
          stack.pop();
          continue;
        }
        if (open.add(n)) {
          visit.putIfAbsent(n.operation(), visit.size());
          List<KerasTensor> in = inputNodes.contains(n) ? List.of() : n.inputs();
          for (int i = in.size() - 1; i >= 0; i--) {
            if (!done.contains(producer(in.get(i)))) {
              stack.push(producer(in.get(i)));
            }
          }
        } else {
          stack.pop();
          open.remove(n);
          done.add(n);
          post.add(n);
        }
      }
    }
  }

  /** Nodes after all their inputs; the given order where that leaves a choice. */
  private static List<Node> topological(List<Node> sorted, Set<Node> inputNodes) {
    List<Node> out = new ArrayList<>();
    Set<Node> placed = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Node> rest = sorted;
    while (!rest.isEmpty()) {
      List<Node> later = new ArrayList<>();
      for (Node n : rest) {
        boolean ready =
            inputNodes.contains(n)
                || n.inputs().stream().allMatch(t -> placed.contains(producer(t)));
        if (ready) {
          out.add(n);
          placed.add(n);
        } else {
          later.add(n);
        }
      }
      if (later.size() == rest.size()) {
        throw new IllegalStateException("Model graph: a node's input is not part of the graph");
      }
      rest = later;
    }
    return out;
  }

  private static List<Node> creationOrder(List<Node> nodes) {
    List<Node> sorted = new ArrayList<>(nodes);
    sorted.sort(Comparator.comparingLong(Node::serial));
    return sorted;
  }

  /** All nodes, each after its inputs. */
  List<Node> nodes() {
    return nodes;
  }

  /** Layers and ops in Keras' order. */
  List<Operation> operations() {
    return operations;
  }

  /** The calls of an operation that belong to this graph, in the order they were made. */
  List<Node> nodesOf(Operation o) {
    return nodesOf.getOrDefault(o, List.of());
  }

  /** Which call of its operation a tensor comes from. */
  int nodeIndex(KerasTensor t) {
    Node n = producer(t);
    return nodesOf(n.operation()).indexOf(n);
  }

  /**
   * Gives automatic names to unnamed operations in the order they were made, and refuses doubles.
   */
  void assignNames() {
    Set<String> taken = new HashSet<>();
    for (Operation o : operations) {
      if (o.hasGivenName() && !taken.add(o.name())) {
        throw new ConfigException(
            "Model: all names must be unique. Received: two operations named '" + o.name() + "'");
      }
    }
    Set<Operation> made = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Operation> inOrder = new ArrayList<>();
    for (Node n : creationOrder(nodes)) {
      if (made.add(n.operation())) {
        inOrder.add(n.operation());
      }
    }
    AutoNames.assign(inOrder);
  }

  /** An input without which an output cannot be computed: the message names it. */
  void requireClosed(List<KerasTensor> inputs) {
    Set<Node> inputNodes = Collections.newSetFromMap(new IdentityHashMap<>());
    inputs.forEach(t -> inputNodes.add(producer(t)));
    for (Node n : nodes) {
      if (n.inputs().isEmpty() && !inputNodes.contains(n)) {
        throw new ConfigException(
            "Model: the outputs depend on '"
                + n.producerName()
                + "', which is not among the inputs. Add it to the inputs.");
      }
    }
  }
}
