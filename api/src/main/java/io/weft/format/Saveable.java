package io.weft.format;

import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.Map;

/**
 * Something with state in weight files: a layer, a model, an optimizer. Formats walk it by the
 * names of attributes, as Keras does: own variables lie under {@code vars}, inner objects under the
 * attribute that holds them.
 */
public interface Saveable {
  /** The name that files note beside the variables; information only. */
  String name();

  /** The Python class name in snake case: what a list of objects calls this one in files. */
  String autoName();

  /** Own variables in file order, not those of inner objects. */
  List<Variable> savedVariables();

  /** What files hold for the i-th own variable: its value, unless parts of it are kept apart. */
  default Tensor savedValue(int i) {
    return savedVariables().get(i).concrete();
  }

  /** The key of the i-th own variable; Keras' default is its position. */
  default String savedKey(int i) {
    return String.valueOf(i);
  }

  /**
   * Inner objects by the attribute names of the Python class: a {@link Saveable}, or a list whose
   * elements are saveable or lists again; other values are passed over. A model has its layers
   * under {@code layers} and its optimizer under {@code optimizer}.
   */
  Map<String, Object> savedChildren();

  /** True where state that does not fit is left alone with a warning, as Keras' optimizers do. */
  default boolean keepsStateOnMismatch() {
    return false;
  }

  /** True where files may lack the variables, which are then left as they are: computed tables. */
  default boolean canDoWithoutState() {
    return false;
  }

  /** Files beside the weights by name, such as {@code vocabulary.txt}. */
  default Map<String, byte[]> saveAssets() {
    return Map.of();
  }

  /** Takes back what {@link #saveAssets} gave; called only when there is something. */
  default void loadAssets(Map<String, byte[]> assets) {}

  /** Called after state was read into the variables. */
  default void afterLoad() {}
}
