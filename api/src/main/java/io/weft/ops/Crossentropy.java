package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;

/** Cross-entropies per element or per row; probabilities are clipped to [1e-7, 1 − 1e-7]. */
public final class Crossentropy {
  private static final double EPSILON = 1e-7;

  private Crossentropy() {}

  private static Tensor clipped(Tensor p) {
    return Ops.clip(p, EPSILON, 1 - EPSILON);
  }

  private static void same(String function, Tensor target, Tensor output) {
    if (!target.shape().equals(output.shape())) {
      throw new ShapeException(
          function
              + ": expected target and output of one shape. Received: "
              + target.shape()
              + ", "
              + output.shape());
    }
  }

  /** −(t·ln p + (1 − t)·ln(1 − p)) element by element, from probabilities or from logits. */
  public static Tensor binary(Tensor target, Tensor output, boolean fromLogits) {
    same("binary_crossentropy", target, output);
    if (fromLogits) {
      // max(x, 0) − x·t + ln(1 + e^−|x|), with selections whose gradient at 0 is right
      Tensor positive = Ops.greaterEqual(output, 0);
      Tensor low = Ops.where(positive, Ops.negative(output), output);
      Tensor high = Ops.where(positive, output, 0);
      Tensor tail = Ops.floatUnary(UnaryFunction.LOG1P, Ops.exp(low));
      return high.minus(output.times(target)).plus(tail);
    }
    Tensor p = clipped(output);
    Tensor y = target.times(Ops.log(p));
    return Ops.negative(y.plus(Ops.oneMinus(target).times(Ops.log(Ops.oneMinus(p)))));
  }

  /** −Σ t·ln p along an axis; probabilities are first divided by their sum. */
  public static Tensor categorical(Tensor target, Tensor output, boolean fromLogits, int axis) {
    same("categorical_crossentropy", target, output);
    int[] a = {axis};
    if (!fromLogits) {
      Tensor log = Ops.log(clipped(output.divide(Ops.sum(output, a, true))));
      return Ops.negative(Ops.sum(Ops.cast(target, log.dtype()).times(log), a, false));
    }
    // As in TensorFlow the logits get softmax(x) − t, even where t does not add up to 1.
    Tensor x = Ops.toFloat(output);
    Tensor t = Ops.cast(target, x.dtype());
    Tensor z = x.minus(Ops.stopGradient(Ops.max(x, a, true)));
    Tensor lse = Ops.log(Ops.sum(Ops.exp(z), a, false));
    Tensor surplus = Ops.sum(t, a, false).minus(1).times(Ops.stopGradient(lse));
    return lse.minus(Ops.sum(t.times(z), a, false)).plus(surplus);
  }

  /** −ln p of the class that each integer names; probabilities (..., classes), target (...). */
  public static Tensor sparseCategorical(
      Tensor target, Tensor output, boolean fromLogits, int axis) {
    String name = "sparse_categorical_crossentropy: expected ";
    if (output.rank() < 1 || output.shape().axis(axis) != output.rank() - 1) {
      throw new ShapeException(name + "the classes on the last axis. Received: axis=" + axis);
    }
    Tensor t = Ops.cast(target, DType.INT32);
    if (t.rank() == output.rank() && t.dim(-1) == 1) {
      t = Ops.squeeze(t, -1);
    }
    if (!t.shape().equals(output.shape().slice(0, output.rank() - 1))) {
      throw new ShapeException(
          name
              + "target (...) and output (..., classes). Received: "
              + target.shape()
              + ", "
              + output.shape());
    }
    // probabilities that do not add up to 1 are taken as logits of their logarithm, as TensorFlow
    Tensor logits = fromLogits ? output : Ops.log(clipped(output));
    Tensor log = Ops.logSoftmax(logits, -1);
    int classes = output.dim(-1);
    Tensor hot = Ops.oneHot(t, classes, -1, DType.BOOL);
    Tensor loss = Ops.negative(Ops.sum(Ops.where(hot, log, 0), new int[] {-1}, false));
    Tensor inside = Ops.logicalAnd(Ops.greaterEqual(t, 0), Ops.less(t, classes));
    return Ops.where(inside, loss, Double.NaN);
  }
}
