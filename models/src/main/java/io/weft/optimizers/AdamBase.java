package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/** What Adam and its kin share: two running moments for each variable, kept side by side. */
abstract class AdamBase extends Optimizer {
  final double beta1;
  final double beta2;
  final double epsilon;
  private final List<Variable> momenta = new ArrayList<>();
  private final List<Variable> velocities = new ArrayList<>();

  AdamBase(Entry<?> type, Config config, double rate, Double decay, String second) {
    super(type, config, rate, decay);
    this.second = second;
    beta1 = args.number("beta_1", 0.9);
    beta2 = args.number("beta_2", 0.999);
    epsilon = args.number("epsilon", 1e-7);
  }

  private final String second;

  @Override
  protected void createSlots(List<Variable> variables) {
    for (Variable v : variables) {
      momenta.add(slot(v, "momentum", 0));
      velocities.add(slot(v, second, 0));
    }
  }

  final Variable momentum(int i) {
    return momenta.get(i);
  }

  final Variable velocity(int i) {
    return velocities.get(i);
  }

  /** m += (g − m)(1 − β₁). */
  final Tensor nextMomentum(int i, Tensor g) {
    Tensor m = momentum(i).raw();
    return set(momentum(i), m.plus(g.minus(m).times(1 - beta1)));
  }

  /** v += (g² − v)(1 − β₂). */
  final Tensor nextVelocity(int i, Tensor g) {
    Tensor v = velocity(i).raw();
    return set(velocity(i), v.plus(Ops.square(g).minus(v).times(1 - beta2)));
  }

  /** 1 − βᵗ. */
  final Tensor correction(double beta, DType dtype) {
    return Ops.oneMinus(Ops.power(Tensor.scalar(beta, dtype), step(dtype)));
  }
}
