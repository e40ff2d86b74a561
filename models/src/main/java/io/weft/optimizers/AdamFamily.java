package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** α = lr·√(1−β₂ᵗ)/(1−β₁ᵗ); w −= m·α/(√v + ε), with the largest v so far if {@code amsgrad}. */
abstract class AdamFamily extends AdamBase {
  private final boolean amsgrad;
  private List<Variable> largest = List.of();

  AdamFamily(Entry<?> type, Config config, Double decay) {
    super(type, config, 0.001, decay, "velocity");
    amsgrad = args.bool("amsgrad", false);
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    super.createSlots(variables);
    if (amsgrad) {
      largest = slots(variables, "velocity_hat", 0);
    }
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor alpha = alpha(lr, step(w.dtype()), beta1, beta2);
    if (amsgrad) {
      Tensor m = nextMomentum(i, g);
      Tensor v = nextVelocity(i, g);
      Tensor most = set(largest.get(i), Ops.maximum(largest.get(i).raw(), v));
      set(w, w.raw().minus(m.times(alpha).divide(Ops.sqrt(most).plus(epsilon))));
      return;
    }
    double[] constants = {beta1, beta2, epsilon};
    step(this, w, momentum(i), velocity(i), g, alpha, constants);
  }
}
