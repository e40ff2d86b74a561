package io.weft.systems.features;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Tensor;

/** A layer of layers: a {@link Scale}, then a {@link Dense}. */
final class Nest extends UnaryLayer {
  static final LayerType<Nest> TYPE = LayerType.custom("features", "Nest", Nest::new);

  final Scale scale = track("scale", new Scale());
  final Dense dense = track("dense", new Dense(2));
  int finalized;

  Nest() {
    this(Config.EMPTY);
  }

  Nest(Config config) {
    super(TYPE, config);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return dense.apply(scale.apply(x));
  }

  @Override
  protected void finalizeState() {
    finalized++;
  }
}
