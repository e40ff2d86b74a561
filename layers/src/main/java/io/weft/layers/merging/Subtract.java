package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The first tensor minus the second.
 *
 * <p>Input: two tensors of one shape, or of shapes that broadcast. Output: that shape. Mask: the
 * union of the inputs' masks, none if one has none.
 */
public final class Subtract extends Merge {
  public static final LayerType<Subtract> TYPE =
      LayerType.keras("Subtract", Subtract::new).takesList();

  public Subtract() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Subtract(Config config) {
    super(TYPE, config, 2, 2);
  }

  @Override
  Tensor merge(List<Tensor> inputs, List<Tensor> keep) {
    return inputs.get(0).minus(inputs.get(1));
  }
}
