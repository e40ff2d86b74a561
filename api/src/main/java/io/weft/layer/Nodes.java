package io.weft.layer;

import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The calls of one operation in model graphs, as {@link Operation} shows them: its own (inbound)
 * and those that take one of its results (outbound), in the order in which they were made. Safe
 * from any thread; nothing is allocated before the first call.
 */
public final class Nodes {
  private List<Node> inbound = List.of(); // guarded by this
  private List<Node> outbound = List.of(); // guarded by this

  synchronized void addInbound(Node n) {
    inbound = plus(inbound, n);
  }

  synchronized void addOutbound(Node n) {
    outbound = plus(outbound, n);
  }

  private static List<Node> plus(List<Node> list, Node n) {
    List<Node> grown = list.isEmpty() ? new ArrayList<>(1) : list;
    grown.add(n);
    return grown;
  }

  synchronized List<Node> inbound() {
    return List.copyOf(inbound);
  }

  synchronized List<Node> outbound() {
    return List.copyOf(outbound);
  }

  /** The i-th call; {@code what} of it is asked for. */
  Node at(String who, String what, int i) {
    List<Node> all = called(who, what);
    if (i < 0 || i >= all.size()) {
      throw new IndexOutOfBoundsException(
          who
              + ": "
              + what
              + ": expected a call from 0 to "
              + (all.size() - 1)
              + ". Received: "
              + i);
    }
    return all.get(i);
  }

  /** The only call. */
  Node only(String who, String what) {
    List<Node> all = called(who, what);
    if (all.size() > 1) {
      throw several(who, what, all.size(), "");
    }
    return all.get(0);
  }

  /** What all calls have in common. */
  Shape common(String who, String what, Function<Node, Shape> shape) {
    List<Node> all = called(who, what);
    List<Shape> shapes = all.stream().map(shape).distinct().toList();
    if (shapes.size() > 1) {
      throw several(who, what, all.size(), " with the shapes " + shapes);
    }
    return shapes.get(0);
  }

  private List<Node> called(String who, String what) {
    List<Node> all = inbound();
    if (all.isEmpty()) {
      throw new IllegalStateException(
          who
              + ": "
              + what
              + ": expected a layer that was called on Keras tensors. Received: none was given to"
              + " it. Call it on Input.of(...) or on what another layer gave.");
    }
    return all;
  }

  private static IllegalStateException several(String who, String what, int n, String detail) {
    return new IllegalStateException(
        who
            + ": "
            + what
            + ": expected one call. Received: "
            + n
            + detail
            + ". Use "
            + what
            + "At(0) to "
            + what
            + "At("
            + (n - 1)
            + ").");
  }
}
