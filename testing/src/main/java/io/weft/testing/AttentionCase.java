package io.weft.testing;

import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What an {@link AttentionBattery} was told of a layer, with calls and comparisons. */
final class AttentionCase {
  private static final double EXACT = 1e-9;

  final Layer layer;
  final Shape[] shapes;
  final Copies copies;
  final Map<Integer, Integer> axes = new LinkedHashMap<>();
  int query = -1;
  int[] sources = {};
  int fixed;
  boolean ordered;
  boolean memory;
  boolean emptyAllowed = true;
  AttentionBattery.Rows rows = AttentionBattery.Rows.FINITE;

  AttentionCase(Layer layer, Shape[] shapes) {
    this.layer = layer;
    this.shapes = shapes;
    this.copies = new Copies(layer);
  }

  int axis(int input) {
    return axes.getOrDefault(input, 1);
  }

  boolean attendsToItself() {
    return IntStream.of(sources).anyMatch(s -> s == query);
  }

  List<Tensor> call(Layer l, List<Tensor> inputs) {
    return l.applyAll(inputs, CallArgs.NONE);
  }

  List<Tensor> call(Layer l, Hiding.Call call) {
    return l.applyAll(call.inputs(), call.args());
  }

  void close(String what, Tensor expected, Tensor received) {
    Numbers.assertClose(what(what), expected, received, EXACT);
  }

  void exactly(String what, Tensor expected, Tensor received) {
    Numbers.assertClose(what(what), expected, received, 0);
  }

  void finite(String what, Tensor y) {
    HostArray all = y.toHostArray();
    for (int i = 0; i < all.size(); i++) {
      if (!Double.isFinite(all.doubleAt(i))) {
        throw new AssertionError(
            what(what)
                + " at "
                + Numbers.position(y.shape(), i)
                + ": expected a number. Received: "
                + all.doubleAt(i));
      }
    }
  }

  String what(String check) {
    return layer.label() + ": " + check;
  }
}
