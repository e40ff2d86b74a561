package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/** Maximum or minimum: a masked element gives way to the other's. */
abstract class Extremum extends Merge {
  private final BinaryFunction function;

  Extremum(LayerType<?> type, Config config, BinaryFunction function) {
    super(type, config);
    this.function = function;
  }

  @Override
  final Tensor merge(List<Tensor> inputs, List<Tensor> keep) {
    Tensor y = inputs.get(0);
    Tensor kept = keep.get(0);
    for (int i = 1; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      Tensor k = keep.get(i);
      x = k == null ? x : Ops.where(k, x, y);
      y = kept == null ? y : Ops.where(kept, y, x);
      kept = k == null || kept == null ? null : Ops.logicalOr(kept, k);
      y = Ops.binary(function, y, x);
    }
    return y;
  }
}
