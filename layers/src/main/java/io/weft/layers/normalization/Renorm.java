package io.weft.layers.normalization;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.Initializer;
import io.weft.layer.WeightOptions;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.Set;

/**
 * Batch renormalization: in training the normalized values are brought to slowly moving statistics,
 * {@code (x̂ · r + d) · gamma + beta}, with r and d bounded and without gradient.
 */
final class Renorm {
  private final double momentum;
  private final double renormMomentum;
  private final double epsilon;
  private final Double rmin;
  private final Double rmax;
  private final Double dmax;
  private Variable movingStddev;
  private Variable renormMean;
  private Variable renormStddev;

  private Renorm(
      double momentum,
      double renormMomentum,
      double epsilon,
      Double rmin,
      Double rmax,
      Double dmax) {
    this.momentum = momentum;
    this.renormMomentum = renormMomentum;
    this.epsilon = epsilon;
    this.rmin = rmin;
    this.rmax = rmax;
    this.dmax = dmax;
  }

  /** Reads {@code renorm, renorm_clipping, renorm_momentum}; null unless renorm is on. */
  static Renorm read(Args args, double momentum, double epsilon) {
    boolean on = args.bool("renorm", false);
    Object clipping = args.any("renorm_clipping", null);
    double renormMomentum = args.number("renorm_momentum", 0.99);
    if (!on) {
      return null;
    }
    Config c = clipping == null ? Config.EMPTY : clipping instanceof Config g ? g : null;
    if (c == null || !Set.of("rmax", "rmin", "dmax").containsAll(c.keys())) {
      throw args.refuse("renorm_clipping", "null or a map with some of rmax, rmin, dmax");
    }
    args.note("renorm_clipping", c);
    Double rmin = number(args, c, "rmin");
    Double rmax = number(args, c, "rmax");
    Double dmax = number(args, c, "dmax");
    if ((rmin != null && rmax != null && rmax < rmin) || (dmax != null && dmax < 0)) {
      throw args.refuse("renorm_clipping", "bounds with rmin ≤ rmax and dmax ≥ 0");
    }
    return new Renorm(momentum, renormMomentum, epsilon, rmin, rmax, dmax);
  }

  private static Double number(Args args, Config c, String key) {
    Object v = c.get(key);
    if (v != null && !(v instanceof Number)) {
      throw args.refuse("renorm_clipping", "numbers");
    }
    return v == null ? null : ((Number) v).doubleValue();
  }

  void build(BuildContext b, Shape shape, WeightOptions options) {
    DType dtype = b.policy().variable();
    Initializer variance = options.initializer("moving_variance");
    Initializer stddev = new SquareRoot(variance);
    movingStddev = b.addVariable("moving_stddev", shape, dtype, false, false, stddev);
    renormMean =
        b.addVariable(
            "renorm_mean", shape, dtype, false, false, options.initializer("moving_mean"));
    renormStddev = b.addVariable("renorm_stddev", shape, dtype, false, false, stddev);
  }

  /** Moves all statistics and gives the gamma and beta to normalize with. */
  Tensor[] apply(
      Tensor mean,
      Tensor variance,
      Tensor gamma,
      Tensor beta,
      Variable movingMean,
      Variable movingVariance) {
    Tensor stddev = Ops.sqrt(variance.plus(epsilon));
    Tensor slowMean = Ops.cast(renormMean.value(), mean.dtype());
    Tensor slowStddev = Ops.cast(renormStddev.value(), mean.dtype());
    Tensor safe = Ops.maximum(slowStddev, Math.sqrt(epsilon));
    Tensor r = stddev.divide(safe);
    Tensor d = mean.minus(slowMean).divide(safe);
    r = rmin == null ? r : Ops.maximum(r, rmin);
    r = rmax == null ? r : Ops.minimum(r, rmax);
    d = dmax == null ? d : Ops.clip(d, -dmax, dmax);
    r = Ops.stopGradient(r);
    d = Ops.stopGradient(d);
    Tensor g = gamma == null ? r : r.times(gamma);
    Tensor b = gamma == null ? d : d.times(gamma);
    move(renormMean, slowMean, mean, renormMomentum);
    move(renormStddev, slowStddev, stddev, renormMomentum);
    move(movingMean, Ops.cast(movingMean.value(), mean.dtype()), mean, momentum);
    Tensor moved =
        move(movingStddev, Ops.cast(movingStddev.value(), mean.dtype()), stddev, momentum);
    movingVariance.assign(
        Ops.cast(Ops.relu(Ops.square(moved).minus(epsilon)), movingVariance.dtype()));
    return new Tensor[] {g, beta == null ? b : b.plus(beta)};
  }

  private static Tensor move(Variable v, Tensor old, Tensor batch, double momentum) {
    Tensor moved = old.times(momentum).plus(batch.times(1 - momentum));
    v.assign(Ops.cast(moved, v.dtype()));
    return moved;
  }

  /** The square root of what another initializer makes. */
  private record SquareRoot(Initializer of) implements Initializer {
    @Override
    public Tensor create(Shape shape, DType dtype) {
      return Ops.sqrt(of.create(shape, dtype));
    }

    @Override
    public Config getConfig() {
      return of.getConfig();
    }

    @Override
    public Object serialized() {
      return of.serialized();
    }
  }
}
