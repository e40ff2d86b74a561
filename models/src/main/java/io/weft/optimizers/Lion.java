package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** w −= lr·sign(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g: steps of one size (Chen et al. 2023). */
public final class Lion extends Optimizer {
  public static final Entry<Lion> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Lion", null, Lion::new);

  private final double beta1;
  private final double beta2;
  private List<Variable> momenta = List.of();

  public Lion(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Lion(Config config) {
    super(TYPE, config, 0.001, null);
    beta1 = args.number("beta_1", 0.9);
    beta2 = args.number("beta_2", 0.99);
    if (!(beta1 > 0 && beta1 <= 1)) {
      throw args.refuse("beta_1", "a number in (0, 1]");
    }
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    momenta = slots(variables, "momentum", 0);
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor m = momenta.get(i).raw();
    set(w, w.raw().minus(lr.times(Ops.sign(mixed(m, g, beta1)))));
    set(momenta.get(i), mixed(m, g, beta2));
  }

  /** Rates are rounded to the variable's dtype first, as Keras does here. */
  private static Tensor mixed(Tensor m, Tensor g, double beta) {
    Tensor b = Tensor.scalar(beta, m.dtype());
    return m.times(b).plus(g.times(Ops.oneMinus(b)));
  }
}
