package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The sum of tensors.
 *
 * <p>Input: a list of tensors of one shape, or of shapes that broadcast. Output: that shape. Mask:
 * the union of the inputs' masks, none if one has none.
 */
public final class Add extends Merge {
  public static final LayerType<Add> TYPE = LayerType.keras("Add", Add::new).takesList();

  public Add() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Add(Config config) {
    super(TYPE, config);
  }

  @Override
  Tensor merge(List<Tensor> inputs, List<Tensor> keep) {
    return inputs.stream().reduce(Tensor::plus).orElseThrow();
  }
}
