package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Adds zeros at both ends of each spatial axis. */
abstract class ZeroPadding extends EdgeLayer {
  ZeroPadding(LayerType<?> type, Config config, int rank) {
    super(type, config, "padding", rank, 1, true);
  }

  @Override
  public final Tensor call(Tensor x, CallContext ctx) {
    return Ops.pad(x, edges(), 0);
  }
}
