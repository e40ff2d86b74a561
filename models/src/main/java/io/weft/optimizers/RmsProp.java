package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * v ← ρv + (1−ρ)g²; w −= lr·g/√(v + ε), with the mean gradient's square taken off v if {@code
 * centered}, and momentum if wanted.
 */
public final class RmsProp extends Optimizer {
  public static final Entry<RmsProp> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "RMSprop", null, RmsProp::new, "rmsprop");

  private final double rho;
  private final double momentum;
  private final double epsilon;
  private final boolean centered;
  private List<Variable> velocities = List.of();
  private List<Variable> momenta = List.of();
  private List<Variable> means = List.of();

  public RmsProp(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public RmsProp(Config config) {
    super(TYPE, config, 0.001, null);
    rho = args.number("rho", 0.9);
    momentum = args.number("momentum", 0.0);
    epsilon = args.number("epsilon", 1e-7);
    centered = args.bool("centered", false);
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    velocities = slots(variables, "velocity", 0);
    if (momentum > 0) {
      momenta = slots(variables, "momentum", 0);
    }
    if (centered) {
      means = slots(variables, "average_gradient", 0);
    }
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor v =
        set(velocities.get(i), velocities.get(i).raw().times(rho).plus(squared(g).times(1 - rho)));
    Tensor d = v.plus(epsilon);
    if (centered) {
      Tensor a = set(means.get(i), means.get(i).raw().times(rho).plus(g.times(1 - rho)));
      d = v.minus(Ops.square(a)).plus(epsilon);
    }
    Tensor step = lr.times(g).divide(Ops.sqrt(d));
    if (momentum > 0) {
      step = set(momenta.get(i), momenta.get(i).raw().times(momentum).plus(step));
    }
    set(w, w.raw().minus(step));
  }
}
