package io.weft.layer;

import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Something that stands in a model graph: a layer, or an op of the public table. */
public sealed interface Operation permits Layer, OpOperation {
  /** The given or automatic name. */
  String name();

  /** True if the caller chose the name. */
  boolean hasGivenName();

  /** Sets an automatic name; called once by the model that the operation first belongs to. */
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
}
