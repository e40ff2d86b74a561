package io.weft.losses;

import io.weft.error.ShapeException;
import io.weft.ops.Crossentropy;
import io.weft.tensor.Ctc;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/**
 * The loss functions of Keras: values for each sample from {@code (batch, …, features)}; targets
 * and predictions of one float dtype. Formulas: keras-formats.md 6.5.
 */
public final class LossFunctions {
  private static final double EPSILON = 1e-7;
  private static final int[] LAST = {-1};

  private LossFunctions() {}

  private static Tensor mean(Tensor x) {
    return Ops.mean(x, LAST, false);
  }

  private static Tensor difference(Tensor y, Tensor p) {
    Tensor[] a = Reduction.sameRank(y, p);
    return a[1].minus(a[0]);
  }

  public static Tensor meanSquaredError(Tensor y, Tensor p) {
    return mean(Ops.square(difference(y, p)));
  }

  public static Tensor meanAbsoluteError(Tensor y, Tensor p) {
    return mean(Ops.abs(difference(y, p)));
  }

  public static Tensor meanAbsolutePercentageError(Tensor y, Tensor p) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor d = a[0].minus(a[1]).divide(Ops.maximum(Ops.abs(a[0]), EPSILON));
    return mean(Ops.abs(d)).times(100);
  }

  public static Tensor meanSquaredLogarithmicError(Tensor y, Tensor p) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor first = Ops.log(Ops.maximum(a[1], EPSILON).plus(1));
    Tensor second = Ops.log(Ops.maximum(a[0], EPSILON).plus(1));
    return mean(Ops.square(first.minus(second)));
  }

  /** −cos of the angle along an axis. */
  public static Tensor cosineSimilarity(Tensor y, Tensor p, int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor product = unit(a[0], axis).times(unit(a[1], axis));
    return Ops.negative(Ops.sum(product, new int[] {axis}, false));
  }

  private static Tensor unit(Tensor x, int axis) {
    Tensor s = Ops.sum(Ops.square(x), new int[] {axis}, true);
    return x.times(Ops.rsqrt(Ops.maximum(s, EPSILON * EPSILON)));
  }

  public static Tensor logCosh(Tensor y, Tensor p) {
    Tensor x = difference(y, p);
    return mean(x.plus(Ops.softplus(x.times(-2))).minus(Math.log(2)));
  }

  public static Tensor huber(Tensor y, Tensor p, double delta) {
    Tensor e = difference(y, p);
    Tensor a = Ops.abs(e);
    Tensor far = a.times(delta).minus(0.5 * delta * delta);
    return mean(Ops.where(Ops.lessEqual(a, delta), Ops.square(e).times(0.5), far));
  }

  /** Labels 0 and 1 become −1 and 1 if all labels are of these. */
  private static Tensor hingeLabels(Tensor y) {
    Tensor binary = Ops.all(Ops.logicalOr(Ops.equal(y, 0), Ops.equal(y, 1)), null, false);
    return Ops.where(binary, y.times(2).minus(1), y);
  }

  public static Tensor hinge(Tensor y, Tensor p) {
    return mean(Ops.maximum(Ops.oneMinus(hingeLabels(y).times(p)), 0.0));
  }

  public static Tensor squaredHinge(Tensor y, Tensor p) {
    return mean(Ops.square(Ops.maximum(Ops.oneMinus(hingeLabels(y).times(p)), 0.0)));
  }

  public static Tensor categoricalHinge(Tensor y, Tensor p) {
    Tensor positive = Ops.sum(y.times(p), LAST, false);
    Tensor negative = Ops.max(Ops.oneMinus(y).times(p), LAST, false);
    return Ops.maximum(negative.minus(positive).plus(1), 0.0);
  }

  public static Tensor klDivergence(Tensor y, Tensor p) {
    Tensor t = Ops.clip(y, EPSILON, 1);
    return Ops.sum(t.times(Ops.log(t.divide(Ops.clip(p, EPSILON, 1)))), LAST, false);
  }

  public static Tensor poisson(Tensor y, Tensor p) {
    return mean(p.minus(y.times(Ops.log(p.plus(EPSILON)))));
  }

  private static Tensor smoothedBinary(Tensor y, double smoothing) {
    return smoothing == 0 ? y : y.times(1 - smoothing).plus(0.5 * smoothing);
  }

  private static Tensor smoothedCategorical(Tensor y, double smoothing) {
    return smoothing == 0 ? y : y.times(1 - smoothing).plus(smoothing / y.dim(-1));
  }

  public static Tensor binaryCrossentropy(
      Tensor y, Tensor p, boolean fromLogits, double smoothing, int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor t = smoothedBinary(a[0], smoothing);
    return Ops.mean(Crossentropy.binary(t, a[1], fromLogits), new int[] {axis}, false);
  }

  /** Binary cross-entropy that weighs hard samples more (Lin et al. 2017). */
  public static Tensor binaryFocalCrossentropy(
      Tensor y,
      Tensor p,
      boolean balancing,
      double alpha,
      double gamma,
      boolean fromLogits,
      double smoothing,
      int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor t = smoothedBinary(a[0], smoothing);
    Tensor q = fromLogits ? Ops.sigmoid(a[1]) : a[1];
    Tensor bce = Crossentropy.binary(t, q, false);
    Tensor hit = t.times(q).plus(Ops.oneMinus(t).times(Ops.oneMinus(q)));
    Tensor focal = Ops.power(Ops.oneMinus(hit), gamma).times(bce);
    if (balancing) {
      focal = t.times(alpha).plus(Ops.oneMinus(t).times(1 - alpha)).times(focal);
    }
    return Ops.mean(focal, new int[] {axis}, false);
  }

  public static Tensor categoricalCrossentropy(
      Tensor y, Tensor p, boolean fromLogits, double smoothing, int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    return Crossentropy.categorical(smoothedCategorical(a[0], smoothing), a[1], fromLogits, axis);
  }

  /** Categorical cross-entropy that weighs hard samples more. */
  public static Tensor categoricalFocalCrossentropy(
      Tensor y,
      Tensor p,
      double alpha,
      double gamma,
      boolean fromLogits,
      double smoothing,
      int axis) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor t = smoothedCategorical(a[0], smoothing);
    Tensor q = fromLogits ? Ops.softmax(a[1], axis) : a[1];
    int[] at = {axis};
    q = Ops.clip(q.divide(Ops.sum(q, at, true)), EPSILON, 1 - EPSILON);
    Tensor cce = Ops.negative(t.times(Ops.log(q)));
    return Ops.sum(Ops.power(Ops.oneMinus(q), gamma).times(alpha).times(cce), at, false);
  }

  /** −ln p of the named class; positions of {@code ignoreClass} give 0 and are masked. */
  public static Tensor sparseCategoricalCrossentropy(
      Tensor y, Tensor p, boolean fromLogits, Integer ignoreClass, int axis) {
    Tensor t = y.rank() == p.rank() && y.dim(axis) == 1 ? Ops.squeeze(y, axis) : y;
    if (ignoreClass == null) {
      return Crossentropy.sparseCategorical(t, p, fromLogits, axis);
    }
    Tensor valid = Ops.notEqual(t, ignoreClass);
    Tensor kept = Ops.where(Ops.expandDims(valid, axis), p, 0.0);
    Tensor loss = Crossentropy.sparseCategorical(Ops.where(valid, t, 0.0), kept, fromLogits, axis);
    return Ops.where(valid, loss, 0.0).withMask(valid);
  }

  /** (1 − p_y^q) / q (Zhang and Sabuncu 2018). */
  public static Tensor categoricalGeneralizedCrossEntropy(Tensor y, Tensor p, double q) {
    Tensor hot = Ops.oneHot(Ops.cast(y, DType.INT32), p.dim(-1), -1, p.dtype());
    Tensor hit = Ops.sum(p.times(hot), LAST, false);
    return Ops.oneMinus(Ops.power(hit, q)).divide(q);
  }

  /** −ln of the probability that logits (batch, frames, classes) spell labels; label 0 is blank. */
  public static Tensor ctc(Tensor y, Tensor p) {
    if (y.rank() != 2 || p.rank() != 3) {
      throw new ShapeException(
          "CTC: expected labels (batch, length) and logits (batch, frames, classes). Received: "
              + y.shape()
              + ", "
              + p.shape());
    }
    Tensor named = Ops.cast(Ops.notEqual(y, 0), DType.INT32);
    Tensor length = Ops.sum(named, LAST, false);
    Tensor frames = Ops.full(Shape.of(p.dim(0)), p.dim(1), DType.INT32);
    return Ops.apply(
            new Ctc.Loss(0),
            List.of(Ops.cast(y, DType.INT32), p, Ops.cast(length, DType.INT32), frames))
        .get(0);
  }

  /** 1 − Dice's coefficient over axes (null = all). */
  public static Tensor dice(Tensor y, Tensor p, int[] axes) {
    Tensor both = Ops.sum(y.times(p), axes, false).times(2);
    Tensor sums = Ops.sum(y, axes, false).plus(Ops.sum(p, axes, false)).plus(EPSILON);
    return Ops.oneMinus(both.divide(sums));
  }

  /** 1 − Tversky's index over axes (null = all). */
  public static Tensor tversky(Tensor y, Tensor p, double alpha, double beta, int[] axes) {
    Tensor both = Ops.sum(y.times(p), axes, false);
    Tensor fp = Ops.sum(Ops.oneMinus(p).times(y), axes, false).times(alpha);
    Tensor fn = Ops.sum(p.times(Ops.oneMinus(y)), axes, false).times(beta);
    return Ops.oneMinus(both.divide(both.plus(fp).plus(fn).plus(EPSILON)));
  }

  /** Circle loss (Sun et al. 2020) of embeddings with integer labels. */
  public static Tensor circle(
      Tensor y, Tensor p, double gamma, double margin, boolean removeDiagonal) {
    Tensor t = Ops.cast(y, DType.INT32);
    int n = t.dim(0);
    Tensor d = Ops.maximum(Ops.oneMinus(p.matmul(Ops.transpose(p))), 0.0);
    Tensor same = Ops.equal(Ops.reshape(t, n, 1), Ops.reshape(t, 1, n));
    Tensor different = Ops.logicalNot(same);
    if (removeDiagonal) {
      Tensor i = Ops.arange(n);
      same = Ops.logicalAnd(same, Ops.notEqual(Ops.reshape(i, n, 1), Ops.reshape(i, 1, n)));
    }
    Tensor pw = Ops.maximum(d.plus(margin).times(Ops.cast(same, d.dtype())), 0.0);
    Tensor nw = Ops.maximum(Ops.subtract(1 + margin, d).times(Ops.cast(different, d.dtype())), 0.0);
    Tensor pd = pw.times(-gamma).times(Ops.subtract(margin, d));
    Tensor nd = nw.times(gamma).times(Ops.subtract(1 - margin, d));
    double none = Double.NEGATIVE_INFINITY;
    Tensor pl = Ops.logsumexp(Ops.where(same, pd, none), new int[] {1}, false);
    Tensor nl = Ops.logsumexp(Ops.where(different, nd, none), new int[] {1}, false);
    Tensor loss = Ops.unary(UnaryFunction.SOFTPLUS, pl.plus(nl));
    return loss.withMask(Ops.greater(loss, 0.0));
  }
}
