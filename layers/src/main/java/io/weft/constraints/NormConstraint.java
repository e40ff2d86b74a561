package io.weft.constraints;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Constraint;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Scales a weight to a desired norm: {@code w · desired(‖w‖) / (1e-7 + ‖w‖)}. */
abstract class NormConstraint extends Configured implements Constraint {
  private int[] axes;

  NormConstraint(Entry<?> type, Config config) {
    super(type, config);
  }

  /** Reads {@code axis}, the last argument of each of these classes. */
  final void readAxis() {
    axes = args.intListOrNull("axis", 0);
  }

  /** The norm that a weight of this norm gets. */
  abstract Tensor desired(Tensor norm);

  @Override
  public final Tensor apply(Tensor w) {
    Tensor norm = Ops.sqrt(Ops.sum(Ops.square(w), axes, true));
    return Ops.cast(w, norm.dtype()).times(desired(norm).divide(norm.plus(1e-7)));
  }
}
