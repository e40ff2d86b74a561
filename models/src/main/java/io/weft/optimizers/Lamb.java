package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** Adam's step, scaled to the size of each weight tensor (You et al. 2019). */
public final class Lamb extends AdamBase {
  public static final Entry<Lamb> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Lamb", null, Lamb::new);

  public Lamb(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Lamb(Config config) {
    super(TYPE, config, 0.001, null, "velocity");
  }

  /** u = m̂/(√v̂ + ε); w −= lr·u·‖w‖/‖u‖, without the ratio where either norm is 0. */
  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor m = nextMomentum(i, g).divide(correction(beta1, w.dtype()));
    Tensor v = nextVelocity(i, g).divide(correction(beta2, w.dtype()));
    Tensor u = m.divide(Ops.sqrt(v).plus(epsilon));
    Tensor wNorm = norm(w.raw());
    Tensor uNorm = norm(u);
    Tensor both = Ops.logicalAnd(Ops.greater(wNorm, 0), Ops.greater(uNorm, 0));
    Tensor ratio = Ops.where(both, wNorm.divide(uNorm), 1.0);
    set(w, w.raw().minus(ratio.times(lr).times(u)));
  }

  private static Tensor norm(Tensor x) {
    return Ops.sqrt(Ops.sum(Ops.square(x)));
  }
}
