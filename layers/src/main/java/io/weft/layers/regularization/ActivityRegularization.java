package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.regularizers.L1L2;
import io.weft.tensor.Tensor;

/**
 * Passes its input on and adds the loss {@code (l1 · Σ|x| + l2 · Σx²) / batch}.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class ActivityRegularization extends UnaryLayer {
  public static final LayerType<ActivityRegularization> TYPE =
      LayerType.keras("ActivityRegularization", ActivityRegularization::new).builtAtOnce();

  private final L1L2 regularizer;

  /** A penalty with these two factors. */
  public ActivityRegularization(double l1, double l2) {
    this(Config.of("l1", l1, "l2", l2));
  }

  /** Restores a layer from its config. */
  public ActivityRegularization(Config config) {
    super(TYPE, config);
    regularizer = new L1L2(args.number("l1", 0.0), args.number("l2", 0.0));
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor loss = regularizer.apply(x);
    ctx.addLoss(x.rank() > 0 ? loss.divide(x.dim(0)) : loss);
    return x;
  }
}
