package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** Adam with the largest gradient in the place of the second moment (Kingma and Ba 2014, 7.1). */
public final class Adamax extends AdamBase {
  public static final Entry<Adamax> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Adamax", null, Adamax::new);

  public Adamax(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Adamax(Config config) {
    super(TYPE, config, 0.001, null, "norm");
  }

  /** u ← max(β₂u, |g|); w −= lr·m/((1−β₁ᵗ)(u + ε)). */
  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor m = nextMomentum(i, g);
    Tensor u =
        set(velocity(i), Ops.maximum(velocity(i).raw().times(beta2), Slices.sum(g, Ops::abs)));
    Tensor d = correction(beta1, w.dtype()).times(u.plus(epsilon));
    set(w, w.raw().minus(lr.times(m).divide(d)));
  }
}
