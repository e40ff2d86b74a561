package io.weft.layer;

import io.weft.tensor.KerasTensor;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Something that stands in a model graph: a layer, or an op of the public table. It knows its calls
 * on Keras tensors. What is asked of <em>the</em> call ({@link #input}, {@link #outputMask}, …) is
 * refused with an {@link IllegalStateException} if there is none, or several (shapes: several that
 * differ), or several tensors in it; the methods that end with {@code At} take one of several calls
 * and refuse a number that is none with an {@link IndexOutOfBoundsException}.
 */
public sealed interface Operation permits Layer, OpOperation {
  /** The given or automatic name. */
  String name();

  /** True if the caller chose the name. */
  boolean hasGivenName();

  /** True once it has a name, chosen or automatic. */
  boolean hasName();

  /** Sets an automatic name; called by the model that the operation first belongs to. */
  void setAutoName(String name);

  /** The snake-case word that automatic names of this class start with. */
  String autoName();

  /**
   * Computes with the arguments of a call as a node holds them: nests whose tensor leaves have been
   * replaced. Results in flattening order.
   */
  List<Tensor> invoke(List<?> args, Map<String, ?> kwargs);

  /** The nest that the results form; leaves are ignored. */
  Object outputStructure(List<Tensor> flat);

  /** The calls of this operation in model graphs. */
  Nodes nodes();

  /** The calls on Keras tensors, in the order in which they were made. */
  default List<Node> inboundNodes() {
    return nodes().inbound();
  }

  /** The calls that take a result of this operation, once for each time they take one. */
  default List<Node> outboundNodes() {
    return nodes().outbound();
  }

  /** What the call got. */
  default KerasTensor input() {
    return nodes().only(name(), "input").input();
  }

  /** What the call gave. */
  default KerasTensor output() {
    return nodes().only(name(), "output").output();
  }

  /** The shape of what all calls got. */
  default Shape inputShape() {
    return nodes().common(name(), "inputShape", n -> n.input().shape());
  }

  /** The shape of what all calls gave. */
  default Shape outputShape() {
    return nodes().common(name(), "outputShape", n -> n.output().shape());
  }

  /** The mask of what the call got; null if there is none. */
  default Tensor inputMask() {
    return Node.maskOf(nodes().only(name(), "inputMask").input());
  }

  /** The mask of what the call gave; null if there is none. */
  default Tensor outputMask() {
    return Node.maskOf(nodes().only(name(), "outputMask").output());
  }

  /** What the i-th call got. */
  default KerasTensor inputAt(int i) {
    return nodes().at(name(), "inputAt", i).input();
  }

  /** What the i-th call gave. */
  default KerasTensor outputAt(int i) {
    return nodes().at(name(), "outputAt", i).output();
  }

  /** The shape of what the i-th call got. */
  default Shape inputShapeAt(int i) {
    return nodes().at(name(), "inputShapeAt", i).input().shape();
  }

  /** The shape of what the i-th call gave. */
  default Shape outputShapeAt(int i) {
    return nodes().at(name(), "outputShapeAt", i).output().shape();
  }

  /** The mask of what the i-th call got; null if there is none. */
  default Tensor inputMaskAt(int i) {
    return Node.maskOf(nodes().at(name(), "inputMaskAt", i).input());
  }

  /** The mask of what the i-th call gave; null if there is none. */
  default Tensor outputMaskAt(int i) {
    return Node.maskOf(nodes().at(name(), "outputMaskAt", i).output());
  }
}
