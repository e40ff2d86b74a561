package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/**
 * The product of tensors; a masked element counts as 1, and where all are masked the result is 0.
 *
 * <p>Input: a list of tensors of one shape, or of shapes that broadcast. Output: that shape. Mask:
 * the union of the inputs' masks, none if one has none.
 */
public final class Multiply extends Merge {
  public static final LayerType<Multiply> TYPE =
      LayerType.keras("Multiply", Multiply::new).takesList();

  public Multiply() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Multiply(Config config) {
    super(TYPE, config);
  }

  @Override
  Tensor merge(List<Tensor> inputs, List<Tensor> keep) {
    Tensor y = null;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      x = keep.get(i) == null ? x : Ops.where(keep.get(i), x, 1);
      y = y == null ? x : y.times(x);
    }
    if (keep.stream().anyMatch(Objects::isNull)) {
      return y;
    }
    return Ops.where(keep.stream().reduce(Ops::logicalOr).orElseThrow(), y, 0);
  }
}
