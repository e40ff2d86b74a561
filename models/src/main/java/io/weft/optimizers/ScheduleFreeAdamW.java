package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * AdamW without a schedule (Defazio et al. 2024): the weights lie between a fast sequence, kept as
 * momentum, and the running mean of it.
 */
public final class ScheduleFreeAdamW extends AdamBase {
  public static final Entry<ScheduleFreeAdamW> TYPE =
      new Entry<>(
          Optimizer.class, "keras.optimizers", "ScheduleFreeAdamW", null, ScheduleFreeAdamW::new);

  private final int warmup;

  public ScheduleFreeAdamW(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public ScheduleFreeAdamW(Config config) {
    super(TYPE, config, 0.0025, null, "velocity", 1e-8);
    warmup = args.integer("warmup_steps", 0);
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    super.createSlots(variables);
    for (int i = 0; i < variables.size(); i++) {
      momentum(i).assign(variables.get(i).raw());
    }
  }

  /** z −= lr·g/(√v̂ + ε); x = (w − (1−β₁)z)/β₁; x ← (1−1/t)x + z/t; w = (1−β₁)z + β₁x. */
  @Override
  protected void update(int i, Variable w, Tensor g, Tensor rate) {
    Tensor t = step(w.dtype());
    Tensor lr = warmup > 0 ? rate.times(Ops.minimum(t.divide(warmup), 1.0)) : rate;
    Tensor b = Tensor.scalar(beta1, w.dtype());
    Tensor rest = Ops.oneMinus(b);
    Tensor d = Ops.sqrt(nextVelocity(i, g).divide(correction(beta2, w.dtype()))).plus(epsilon);
    Tensor z = set(momentum(i), momentum(i).raw().minus(lr.times(g).divide(d)));
    // Keras' TensorFlow backend takes the moved z here, not the one before the step
    Tensor x = w.raw().minus(rest.times(z)).divide(b);
    Tensor share = Ops.divide(1.0, t);
    x = Ops.oneMinus(share).times(x).plus(share.times(z));
    set(w, rest.times(z).plus(b.times(x)));
  }
}
