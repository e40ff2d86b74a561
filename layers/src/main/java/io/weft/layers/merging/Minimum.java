package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.BinaryFunction;

/**
 * The smallest of the tensors, element by element; where one is masked the others decide.
 *
 * <p>Input: a list of tensors of one shape, or of shapes that broadcast. Output: that shape. Mask:
 * the union of the inputs' masks, none if one has none.
 */
public final class Minimum extends Extremum {
  public static final LayerType<Minimum> TYPE =
      LayerType.keras("Minimum", Minimum::new).takesList();

  public Minimum() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Minimum(Config config) {
    super(TYPE, config, BinaryFunction.MINIMUM);
  }
}
