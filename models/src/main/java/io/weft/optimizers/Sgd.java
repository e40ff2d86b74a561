package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** Gradient descent with momentum μ: m ← μm − lr·g, w += m; Nesterov's form: w += μm − lr·g. */
public final class Sgd extends Optimizer {
  public static final Entry<Sgd> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "SGD", null, Sgd::new);

  private final double momentum;
  private final boolean nesterov;
  private List<Variable> momenta = List.of();

  public Sgd(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Sgd(Config config) {
    super(TYPE, config, 0.01, null);
    momentum = args.number("momentum", 0.0);
    nesterov = args.bool("nesterov", false);
    if (momentum < 0 || momentum > 1) {
      throw args.refuse("momentum", "a number in [0, 1]");
    }
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    if (momentum != 0) {
      momenta = slots(variables, "momentum", 0);
    }
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor step = g.times(lr);
    if (momentum == 0) {
      set(w, w.raw().minus(step));
      return;
    }
    Tensor m = set(momenta.get(i), momenta.get(i).raw().times(momentum).minus(step));
    set(w, w.raw().plus(nesterov ? m.times(momentum).minus(step) : m));
  }
}
