package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** a += g²; w −= lr·g/√(a + ε): rates shrink where gradients were large (Duchi et al. 2011). */
public final class Adagrad extends Optimizer {
  public static final Entry<Adagrad> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Adagrad", null, Adagrad::new);

  private final double start;
  private final double epsilon;
  private List<Variable> accumulators = List.of();

  public Adagrad(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Adagrad(Config config) {
    super(TYPE, config, 0.001, null);
    start = args.number("initial_accumulator_value", 0.1);
    epsilon = args.number("epsilon", 1e-7);
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    accumulators = slots(variables, "accumulator", start);
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Variable a = accumulators.get(i);
    Tensor sum = set(a, a.raw().plus(squared(g)));
    set(w, w.raw().minus(lr.times(g).divide(Ops.sqrt(sum.plus(epsilon)))));
  }
}
