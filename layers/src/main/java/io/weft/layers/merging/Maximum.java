package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.BinaryFunction;

/**
 * The largest of the tensors, element by element; where one is masked the others decide.
 *
 * <p>Input: a list of tensors of one shape, or of shapes that broadcast. Output: that shape. Mask:
 * the union of the inputs' masks, none if one has none.
 */
public final class Maximum extends Extremum {
  public static final LayerType<Maximum> TYPE =
      LayerType.keras("Maximum", Maximum::new).takesList();

  public Maximum() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Maximum(Config config) {
    super(TYPE, config, BinaryFunction.MAXIMUM);
  }
}
