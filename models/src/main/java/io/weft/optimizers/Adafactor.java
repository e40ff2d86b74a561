package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/** Second moments kept as row and column means of matrices (Shazeer and Stern 2018). */
public final class Adafactor extends Optimizer {
  public static final Entry<Adafactor> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Adafactor", null, Adafactor::new);

  private final double decay;
  private final double epsilon1;
  private final double epsilon2;
  private final double clip;
  private final List<Variable> rows = new ArrayList<>();
  private final List<Variable> columns = new ArrayList<>();
  private final List<Variable> velocities = new ArrayList<>();

  public Adafactor(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Adafactor(Config config) {
    super(TYPE, config, 0.001, null);
    decay = args.number("beta_2_decay", -0.8);
    epsilon1 = args.number("epsilon_1", 1e-30);
    epsilon2 = args.number("epsilon_2", 1e-3);
    clip = args.number("clip_threshold", 1.0);
    args.bool("relative_step", true); // the rate is held below 1/√t in either case
  }

  /** Variables below rank 2 have two integers in the place of means, which nothing reads. */
  @Override
  protected void createSlots(List<Variable> variables) {
    for (Variable v : variables) {
      int rank = v.shape().rank();
      if (rank < 2) {
        rows.add(slot(null, v.name(), Shape.SCALAR, DType.INT32, 0));
        columns.add(slot(null, v.name(), Shape.SCALAR, DType.INT32, 0));
      } else {
        rows.add(slot(null, v.name(), without(v.shape(), rank - 1), v.dtype(), 0));
        columns.add(slot(null, v.name(), without(v.shape(), rank - 2), v.dtype(), 0));
      }
      velocities.add(slot(v, "velocity", 0));
    }
  }

  private static Shape without(Shape s, int axis) {
    int[] d = new int[s.rank() - 1];
    for (int i = 0; i < d.length; i++) {
      d[i] = s.dim(i < axis ? i : i + 1);
    }
    return Shape.of(d);
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Tensor t = step(w.dtype());
    Tensor slow = Ops.divide(1.0, Ops.sqrt(t));
    Tensor rho = Ops.minimum(lr, slow);
    Tensor alpha = Ops.maximum(rms(w.raw()), epsilon2).times(rho);
    Tensor square = squared(g).plus(epsilon1);
    Tensor beta = Ops.oneMinus(Ops.power(t, decay));
    Tensor v;
    if (w.shape().rank() >= 2) {
      Tensor r = mixed(rows.get(i), Ops.mean(square, new int[] {-1}, false), beta);
      Tensor c = mixed(columns.get(i), Ops.mean(square, new int[] {-2}, false), beta);
      Tensor share = r.divide(Ops.mean(r, new int[] {-1}, true));
      v = set(velocities.get(i), Ops.expandDims(share, -1).times(Ops.expandDims(c, -2)));
    } else {
      v = mixed(velocities.get(i), square, beta);
    }
    Tensor u = g.divide(Ops.sqrt(v));
    u = u.divide(Ops.maximum(rms(u).divide(clip), 1.0));
    set(w, w.raw().minus(alpha.times(u)));
  }

  private Tensor mixed(Variable v, Tensor x, Tensor beta) {
    return set(v, beta.times(v.raw()).plus(Ops.oneMinus(beta).times(x)));
  }

  private static Tensor rms(Tensor x) {
    return Ops.sqrt(Ops.mean(Ops.square(x)));
  }
}
