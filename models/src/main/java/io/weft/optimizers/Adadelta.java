package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** Steps as large as recent steps, over the size of recent gradients (Zeiler 2012). */
public final class Adadelta extends Optimizer {
  public static final Entry<Adadelta> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Adadelta", null, Adadelta::new);

  private final double rho;
  private final double epsilon;
  private List<List<Variable>> slots = List.of();

  public Adadelta(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Adadelta(Config config) {
    super(TYPE, config, 0.001, null);
    rho = args.number("rho", 0.95);
    epsilon = args.number("epsilon", 1e-7);
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    slots = interleaved(variables, "accumulated_grad", "accumulated_delta_var");
  }

  /** G ← ρG + (1−ρ)g²; δ = −√(D+ε)/√(G+ε)·g; D ← ρD + (1−ρ)δ²; w += lr·δ. */
  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Variable d = slots.get(1).get(i);
    Tensor square = squared(g);
    Tensor sum = mixed(slots.get(0).get(i), square);
    Tensor ratio = root(d.raw()).divide(root(sum));
    mixed(d, Ops.square(ratio).times(square));
    set(w, w.raw().minus(lr.times(ratio.times(g))));
  }

  private Tensor root(Tensor x) {
    return Ops.sqrt(x.plus(epsilon));
  }

  private Tensor mixed(Variable v, Tensor square) {
    return set(v, v.raw().times(rho).plus(square.times(1 - rho)));
  }
}
