package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** Adam with Nesterov's momentum, whose factor grows with the steps (Dozat 2015). */
public final class Nadam extends AdamBase {
  public static final Entry<Nadam> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Nadam", null, Nadam::new);

  private Variable product;

  public Nadam(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Nadam(Config config) {
    super(TYPE, config, 0.001, null, "velocity");
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    super.createSlots(variables);
    DType dtype = variables.isEmpty() ? DType.FLOAT32 : variables.get(0).dtype();
    product = slot(null, "variable", Shape.SCALAR, dtype, 1);
  }

  /** β₁(1 − ½·0.96ᵗ) at the step {@code ahead} of the present one. */
  private Tensor factor(DType dtype, int ahead) {
    Tensor power = Ops.power(Tensor.scalar(0.96, dtype), step(dtype).plus(ahead));
    return Ops.oneMinus(power.times(0.5)).times(beta1);
  }

  @Override
  protected void beforeUpdates(Tensor lr) {
    set(product, product.raw().times(factor(product.dtype(), 0)));
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    DType dtype = w.dtype();
    Tensor now = factor(dtype, 0);
    Tensor next = factor(dtype, 1);
    Tensor past = Ops.cast(product.raw(), dtype);
    Tensor m = nextMomentum(i, g).times(next).divide(Ops.oneMinus(past.times(next)));
    m = m.plus(Ops.oneMinus(now).times(g).divide(Ops.oneMinus(past)));
    Tensor v = nextVelocity(i, g).divide(correction(beta2, dtype));
    set(w, w.raw().minus(m.times(lr).divide(Ops.sqrt(v).plus(epsilon))));
  }
}
