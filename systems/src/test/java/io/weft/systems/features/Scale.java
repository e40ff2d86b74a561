package io.weft.systems.features;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.metrics.ValueMetric;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** A factor for each feature, with figures of what comes out, in the two ways that there are. */
final class Scale extends UnaryLayer {
  static final LayerType<Scale> TYPE = LayerType.custom("features", "Scale", Scale::new);

  private final ValueMetric given = ValueMetric.mean("given");
  private final boolean penalty;
  private Variable factor;
  int finalized;
  int updates;

  Scale() {
    this(Config.EMPTY);
  }

  static Scale penalized() {
    return new Scale(Config.of("penalty", true));
  }

  Scale(Config config) {
    super(TYPE, config);
    penalty = args.bool("penalty", false);
  }

  @Override
  protected void build(BuildContext b) {
    Initializer ones = Registry.standard().named(Initializer.class, "ones");
    factor = b.addWeight("factor", Shape.of(b.known(0, -1)), ones);
    addMetric(given);
  }

  @Override
  @SuppressWarnings("deprecation")
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor y = x.times(factor.value());
    ctx.addMetric(Ops.mean(y), "level");
    ctx.addMetric(Ops.square(y), "rows");
    if (ctx.training()) {
      ctx.addMetric(Ops.max(y, null, false), "highest");
    }
    given.update(Ops.mean(y), null);
    if (penalty) {
      ctx.addLoss(() -> Ops.sum(Ops.square(factor.value())).times(0.5));
      ctx.addLoss(Ops.mean(y));
    }
    ctx.addUpdate(() -> updates++);
    return y;
  }

  Variable factor() {
    return factor;
  }

  @Override
  protected void finalizeState() {
    finalized++;
  }
}
