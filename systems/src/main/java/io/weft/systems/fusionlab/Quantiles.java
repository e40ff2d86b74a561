package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** Quantile levels and their pinball loss, {@code ρ_τ(e) = max(τ·e, (τ − 1)·e)}. */
final class Quantiles {
  private static final String LEVELS = "a list of numbers in (0, 1), or 'auto'";

  private Quantiles() {}

  /** Reads levels that must be given; {@code auto} is noted as 0.1, 0.5, 0.9. */
  static double[] required(Args args, String key) {
    double[] levels = orNull(args, key, args.required(key));
    if (levels == null) {
      throw args.refuse(key, LEVELS);
    }
    return levels;
  }

  /** Levels or null as {@code v}, the value at a key, says. */
  static double[] orNull(Args args, String key, Object v) {
    if (v == null) {
      return null;
    }
    Object given = v.equals("auto") ? List.of(0.1, 0.5, 0.9) : v;
    args.note(key, given);
    if (!(given instanceof List<?> l) || l.isEmpty()) {
      throw args.refuse(key, LEVELS);
    }
    double[] levels = new double[l.size()];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = l.get(i) instanceof Number n ? n.doubleValue() : -1;
      if (!(levels[i] > 0 && levels[i] < 1)) {
        throw args.refuse(key, LEVELS);
      }
    }
    return levels;
  }

  /** Levels along axis 2 of predictions of rank 4. */
  static Tensor alongAxis2(double[] levels, Tensor like) {
    Tensor t = Tensor.of(levels, levels.length);
    return Ops.reshape(Ops.cast(t, like.dtype()), 1, 1, levels.length, 1);
  }

  /**
   * The loss of each quantile, {@code (batch, horizon, quantiles, outputs)}.
   *
   * @param y (batch, horizon, outputs), or (batch, horizon) where there is one output
   * @param p (batch, horizon, quantiles, outputs), or (batch, horizon, quantiles) for one output
   */
  static Tensor pinball(String who, Tensor y, Tensor p, double[] levels) {
    Tensor predicted = predictions(who, p, levels.length);
    Tensor e = targets(who, y, predicted).minus(predicted);
    Tensor q = alongAxis2(levels, e);
    return Ops.maximum(q.times(e), q.minus(1).times(e));
  }

  /** Predictions of rank 3 or 4 as rank 4. */
  static Tensor predictions(String who, Tensor p, int quantiles) {
    Tensor four = p.rank() == 3 ? Ops.expandDims(p, -1) : p;
    if (four.rank() != 4 || four.dim(2) != quantiles) {
      throw new ShapeException(
          who
              + ": expected predictions (batch, horizon, "
              + quantiles
              + " quantiles, outputs). Received: shape "
              + p.shape());
    }
    return four;
  }

  /** Targets as rank 4 with one quantile. */
  static Tensor targets(String who, Tensor y, Tensor predicted) {
    Tensor three = y.rank() == 2 ? Ops.expandDims(y, -1) : y;
    Shape p = predicted.shape();
    boolean fits =
        three.rank() == 3
            && three.dim(0) == p.dim(0)
            && three.dim(1) == p.dim(1)
            && (three.dim(2) == p.dim(3) || three.dim(2) == 1);
    if (!fits) {
      throw new ShapeException(
          who
              + ": expected targets (batch, horizon, outputs) for predictions "
              + p
              + ". Received: shape "
              + y.shape());
    }
    return Ops.expandDims(three, 2);
  }
}
