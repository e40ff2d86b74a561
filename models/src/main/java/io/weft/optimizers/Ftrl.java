package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** Follow the regularized leader (McMahan et al. 2013): sparse weights for wide linear models. */
public final class Ftrl extends Optimizer {
  public static final Entry<Ftrl> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Ftrl", null, Ftrl::new);

  private final double power;
  private final double start;
  private final double l1;
  private final double l2;
  private final double shrinkage;
  private final double beta;
  private List<List<Variable>> slots = List.of();

  public Ftrl(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Ftrl(Config config) {
    super(TYPE, config, 0.001, null);
    power = args.number("learning_rate_power", -0.5);
    start = args.nonNegative("initial_accumulator_value", 0.1);
    l1 = args.nonNegative("l1_regularization_strength", 0.0);
    l2 = args.nonNegative("l2_regularization_strength", 0.0);
    shrinkage = args.nonNegative("l2_shrinkage_regularization_strength", 0.0);
    beta = args.number("beta", 0.0);
    if (power > 0) {
      throw args.refuse("learning_rate_power", "a number that is not positive");
    }
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    slots = interleaved(variables, "accumulator", "linear");
    slots.get(0).forEach(v -> v.assign(Ops.full(v.shape(), start, v.dtype())));
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Variable n = slots.get(0).get(i);
    Variable z = slots.get(1).get(i);
    Tensor second = Ops.divide(beta, lr.times(2)).plus(l2);
    Tensor shrunk = g.plus(w.raw().times(2 * shrinkage));
    Tensor sum = n.raw().plus(squared(g));
    Tensor grown = Ops.power(sum, -power);
    Tensor sigma = grown.minus(Ops.power(n.raw(), -power)).divide(lr);
    Tensor linear = set(z, z.raw().plus(shrunk.minus(sigma.times(w.raw()))));
    Tensor quadratic = grown.divide(lr).plus(second.times(2));
    set(w, Ops.clip(linear, -l1, l1).minus(linear).divide(quadratic));
    set(n, sum);
  }
}
