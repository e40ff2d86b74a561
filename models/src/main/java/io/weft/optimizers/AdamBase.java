package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.fused.AdamStep;
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
  private final String second;
  private List<List<Variable>> slots = List.of();

  AdamBase(Entry<?> type, Config config, double rate, Double decay, String second) {
    this(type, config, rate, decay, second, 1e-7);
  }

  AdamBase(Entry<?> type, Config config, double rate, Double decay, String second, double epsilon) {
    super(type, config, rate, decay);
    this.second = second;
    beta1 = args.number("beta_1", 0.9);
    beta2 = args.number("beta_2", 0.999);
    this.epsilon = args.number("epsilon", epsilon);
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    slots = interleaved(variables, "momentum", second);
  }

  final Variable momentum(int i) {
    return slots.get(0).get(i);
  }

  final Variable velocity(int i) {
    return slots.get(1).get(i);
  }

  /** m += (g − m)(1 − β₁). */
  final Tensor nextMomentum(int i, Tensor g) {
    return moved(this, momentum(i), g, beta1);
  }

  /** v += (g² − v)(1 − β₂). */
  final Tensor nextVelocity(int i, Tensor g) {
    return moved(this, velocity(i), squared(g), beta2);
  }

  /** s += (x − s)(1 − β). */
  static Tensor moved(Optimizer owner, Variable slot, Tensor x, double beta) {
    Tensor s = slot.raw();
    return owner.set(slot, s.plus(x.minus(s).times(1 - beta)));
  }

  /** Moves a weight and its moments as Adam does. */
  static void step(
      Optimizer owner,
      Variable w,
      Variable momentum,
      Variable velocity,
      Tensor g,
      Tensor alpha,
      double[] betasAndEpsilon) {
    List<Tensor> in = new ArrayList<>(List.of(w.raw(), momentum.raw(), velocity.raw()));
    AdamStep.Given given = Slices.collect(g, in);
    in.add(alpha);
    double[] b = betasAndEpsilon;
    List<Tensor> moved = Ops.apply(new AdamStep(b[0], b[1], b[2], given), in);
    owner.set(w, moved.get(0));
    owner.set(momentum, moved.get(1));
    owner.set(velocity, moved.get(2));
  }

  /** 1 − βᵗ. */
  final Tensor correction(double beta, DType dtype) {
    return correction(beta, step(dtype));
  }

  private static Tensor correction(double beta, Tensor t) {
    return Ops.oneMinus(Ops.power(Tensor.scalar(beta, t.dtype()), t));
  }

  /** lr·√(1−β₂ᵗ)/(1−β₁ᵗ). */
  static Tensor alpha(Tensor lr, Tensor t, double beta1, double beta2) {
    return lr.times(Ops.sqrt(correction(beta2, t))).divide(correction(beta1, t));
  }
}
