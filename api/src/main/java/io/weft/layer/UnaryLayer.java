package io.weft.layer;

import io.weft.config.Config;
import io.weft.tensor.Tensor;
import java.util.List;

/** A layer of one tensor to one tensor. */
public abstract class UnaryLayer extends Layer {
  protected UnaryLayer(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** Computes the result for one input. */
  public abstract Tensor call(Tensor x, CallContext ctx);

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return List.of(call(inputs.get(0), ctx));
  }
}
