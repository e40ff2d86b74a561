package io.weft.samples;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Hands on what it gets, has training keep it small, and tells how large it is. */
public final class Watch extends UnaryLayer {
  public static final LayerType<Watch> TYPE = LayerType.custom("my_company", "Watch", Watch::new);

  public Watch() {
    this(Config.EMPTY);
  }

  public Watch(Config config) {
    super(TYPE, config);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    ctx.addLoss(Ops.mean(Ops.square(x)).times(0.01)); // joins the loss of a training step
    ctx.addMetric(Ops.mean(Ops.abs(x)), "level"); // its mean over an epoch joins the logs
    return x;
  }
}
