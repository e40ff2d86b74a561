package io.weft.samples;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** Multiplies by one learned factor per feature: (..., n) → (..., n). */
public final class Scale extends UnaryLayer {
  public static final LayerType<Scale> TYPE = LayerType.custom("my_company", "Scale", Scale::new);
  private final Initializer initializer;
  private Variable gamma;

  public Scale() {
    this(Config.EMPTY);
  }

  public Scale(Config config) {
    super(TYPE, config);
    initializer = args.object("initializer", Initializer.class, "ones");
  }

  @Override
  protected void build(BuildContext b) {
    gamma = b.addWeight("gamma", Shape.of(b.known(0, -1)), initializer);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return x.times(gamma.value());
  }
}
