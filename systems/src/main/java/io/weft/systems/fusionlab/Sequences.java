package io.weft.systems.fusionlab;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** fusionlab's helpers that bring sequences to one rank or one length. */
public final class Sequences {
  private Sequences() {}

  /**
   * Two sequences after {@link #align}.
   *
   * @param reference (batch, T, …)
   * @param aligned (batch, T', …)
   * @param mask true at the steps of {@code aligned} that are no padding, (T')
   */
  public record Aligned(Tensor reference, Tensor aligned, Tensor mask) {}

  /**
   * Brings the length of a sequence to that of another; fusionlab's {@code
   * align_temporal_dimensions}. Time is axis 1.
   *
   * @param mode {@code slice_to_ref}: cut from the start, must not be shorter; {@code pad_to_ref}
   *     or {@code auto}: cut, or filled with zeros at the end; {@code truncate_ref_if_shorter}: the
   *     reference is cut where it is the longer one; {@code truncate_both_to_min}: the longer one
   *     is cut
   * @throws ShapeException for a sequence that is too short, or tensors without a time axis
   */
  public static Aligned align(Tensor reference, Tensor x, String mode) {
    if (reference.rank() < 2 || x.rank() < 2) {
      throw new ShapeException(
          "align_temporal_dimensions: expected tensors (batch, T, ...). Received: "
              + reference.shape()
              + " and "
              + x.shape());
    }
    int target = reference.dim(1);
    int steps = x.dim(1);
    Tensor ref = reference;
    Tensor y = x;
    switch (String.valueOf(mode)) {
      case "slice_to_ref":
        if (steps < target) {
          throw new ShapeException(
              "align_temporal_dimensions: expected at least "
                  + target
                  + " steps. Received: "
                  + steps
                  + ". Use pad_to_ref to fill up with zeros.");
        }
        y = first(x, target);
        break;
      case "auto", "pad_to_ref":
        y = steps < target ? padded(x, target) : first(x, target);
        break;
      case "truncate_ref_if_shorter":
        ref = first(reference, Math.min(target, steps));
        break;
      case "truncate_both_to_min":
        ref = first(reference, Math.min(target, steps));
        y = first(x, Math.min(target, steps));
        break;
      default:
        throw new ConfigException(
            "align_temporal_dimensions: mode must be one of [slice_to_ref, pad_to_ref, auto,"
                + " truncate_ref_if_shorter, truncate_both_to_min]. Received: mode="
                + mode);
    }
    return new Aligned(ref, y, Ops.less(Ops.arange(y.dim(1)), steps));
  }

  private static Tensor first(Tensor x, int steps) {
    return x.dim(1) <= steps ? x : x.get(Index.all(), Index.to(steps));
  }

  private static Tensor padded(Tensor x, int steps) {
    int[][] paddings = new int[x.rank()][2];
    paddings[1][1] = steps - x.dim(1);
    return Ops.pad(x, paddings, 0);
  }

  /**
   * The past and the first steps of the future side by side, {@code (batch, T, features + future
   * features)}; fusionlab's {@code combine_temporal_inputs_for_lstm}.
   *
   * @param past (batch, T, features)
   * @param future (batch, T or more, future features)
   */
  public static Tensor combine(Tensor past, Tensor future) {
    if (past.rank() != 3 || future.rank() != 3 || future.dim(1) < past.dim(1)) {
      throw new ShapeException(
          "combine_temporal_inputs_for_lstm: expected a past (batch, T, features) and a future of"
              + " at least as many steps. Received: "
              + past.shape()
              + " and "
              + future.shape());
    }
    return Ops.concatenate(List.of(past, first(future, past.dim(1))), -1);
  }

  /** With a time axis where the reference has one and x lacks it. */
  public static Tensor maybeExpandTime(Tensor x, Tensor reference, int axis) {
    return reference.rank() >= 3 && x.rank() == reference.rank() - 1 ? Ops.expandDims(x, axis) : x;
  }

  /**
   * Repeated to the shape of a target: missing axes are put in after the batch, axes of size 1 are
   * repeated.
   *
   * @throws ShapeException for a size that is neither 1 nor the target's
   */
  public static Tensor broadcastLike(Tensor x, Tensor target) {
    Tensor y = x;
    while (y.rank() < target.rank()) {
      y = Ops.expandDims(y, Math.min(1, y.rank()));
    }
    boolean fits = y.rank() == target.rank();
    for (int i = 0; fits && i < y.rank(); i++) {
      fits = y.dim(i) == target.dim(i) || y.dim(i) == 1;
    }
    if (!fits) {
      throw new ShapeException(
          "broadcast_like: expected sizes of 1 or those of "
              + target.shape()
              + ". Received: "
              + x.shape());
    }
    return Ops.broadcastTo(y, Shape.of(target.shape().dims()));
  }

  /** With axes of size 1 put in at a place until the rank is reached. */
  public static Tensor ensureRankAtLeast(Tensor x, int rank, int axis) {
    Tensor y = x;
    while (y.rank() < rank) {
      y = Ops.expandDims(y, axis);
    }
    return y;
  }

  /** The sum of an input and what a branch made of it. */
  public static Tensor applyResidual(Tensor x, Tensor y) {
    return x.plus(y);
  }
}
