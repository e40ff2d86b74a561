package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.GammaInc;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/** Functions of {@code keras.ops.math} outside of Fourier transforms and segments. */
final class MathOps {
  private MathOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(floating("rsqrt", "Rsqrt", UnaryFunction.RSQRT));
    t.add(floating("erf", "Erf", UnaryFunction.ERF));
    t.add(floating("erfc", "Erfc", UnaryFunction.ERFC));
    t.add(floating("erfinv", "Erfinv", UnaryFunction.ERFINV));
    t.add(
        of(
            "gammainc",
            "math",
            "Gammainc",
            "x1, x2",
            a -> gammainc(a.operand("x1"), a.operand("x2"))));
    t.add(
        of(
            "logsumexp",
            "math",
            "Logsumexp",
            "x | axis=None, keepdims=False",
            a -> Ops.logsumexp(a.tensor("x"), a.ints("axis"), a.bool("keepdims"))));
    t.add(of("cdist", "math", "CDist", "x, y", a -> cdist(a.tensor("x"), a.tensor("y"))));
    t.add(
        of(
            "extract_sequences",
            "math",
            "ExtractSequences",
            "x | sequence_length, sequence_stride",
            a ->
                sequences(
                    a.tensor("x"), a.integer("sequence_length"), a.integer("sequence_stride"))));
    t.add(
        of(
            "top_k",
            "math",
            "TopK",
            "x | k, sorted=True, is_stable=True",
            a -> topK(a.tensor("x"), a.integer("k"))));
    t.add(
        of(
            "in_top_k",
            "math",
            "InTopK",
            "targets, predictions | k",
            a -> inTopK(a.tensor("targets"), a.tensor("predictions"), a.integer("k"))));
    t.add(
        of(
            "view_as_complex",
            "math",
            "ViewAsComplex",
            "x",
            a -> {
              Tensor x = Ops.cast(a.tensor("x"), DType.FLOAT32);
              if (x.rank() < 1 || x.dim(-1) != 2) {
                throw new ShapeException(
                    "view_as_complex: expected a last axis of size 2 (real, imaginary). Received: "
                        + x.shape());
              }
              List<Tensor> parts = Ops.split(x, 2, -1);
              return new Complex(Ops.squeeze(parts.get(0), -1), Ops.squeeze(parts.get(1), -1));
            }));
    t.add(
        of(
            "view_as_real",
            "math",
            "ViewAsReal",
            "x",
            a -> {
              if (a.raw("x") instanceof Complex c) {
                return Ops.stack(List.of(c.real(), c.imaginary()), -1);
              }
              Tensor x = a.tensor("x");
              return Ops.stack(List.of(x, Ops.zerosLike(x)), -1);
            }));
    return t;
  }

  private static PublicOp floating(String function, String className, UnaryFunction f) {
    return of(function, "math", className, "x", a -> Ops.floatUnary(f, a.tensor("x")));
  }

  /** The regularized lower incomplete gamma function P(shape, x). */
  private static Tensor gammainc(Object shape, Object x) {
    Tensor[] p = Dtypes.floatPair(shape, x);
    Shape s = Shape.broadcast(p[0].shape(), p[1].shape());
    return Ops.apply1(new GammaInc(), Ops.broadcastTo(p[0], s), Ops.broadcastTo(p[1], s));
  }

  private static Tensor cdist(Tensor x, Tensor y) {
    if (x.rank() < 2 || y.rank() < 2 || x.dim(-1) != y.dim(-1)) {
      throw new ShapeException(
          "cdist: expected points (..., n, d) and (..., m, d). Received: "
              + x.shape()
              + ", "
              + y.shape());
    }
    Tensor d = Ops.subtract(Ops.expandDims(x, -2), Ops.expandDims(y, -3));
    return Ops.sqrt(Ops.sum(Ops.square(Ops.toFloat(d)), new int[] {-1}, false));
  }

  /** Windows of the last axis: (..., n) → (..., windows, length); a short tail is dropped. */
  static Tensor sequences(Tensor x, int length, int stride) {
    if (x.rank() < 1 || length < 1 || stride < 1) {
      throw new ConfigException(
          "extract_sequences: sequence_length and sequence_stride must be positive integers, and x"
              + " must have an axis. Received: sequence_length="
              + length
              + ", sequence_stride="
              + stride
              + ", x "
              + x.shape());
    }
    int windows = Math.max(0, Math.floorDiv(x.dim(-1) - length, stride) + 1);
    if (windows == 0) {
      return Ops.zeros(x.shape().slice(0, x.rank() - 1).plus(0, length), x.dtype());
    }
    Tensor at = Ops.expandDims(Ops.multiply(Ops.arange(windows), stride), 1);
    return Ops.take(x, Ops.add(at, Ops.arange(length)), -1);
  }

  private static List<Tensor> topK(Tensor x, int k) {
    if (x.rank() < 1 || k < 0 || k > x.dim(-1)) {
      throw new ConfigException(
          "top_k: k must be between 0 and the size of the last axis. Received: k="
              + k
              + ", x "
              + x.shape());
    }
    List<Tensor> out = new ArrayList<>();
    for (Tensor y : Ops.apply(new Indexing.Sort(true), List.of(x))) {
      out.add(Ops.slice(y, new int[y.rank()], y.shape().withDim(-1, k).dims()));
    }
    return out;
  }

  /**
   * True where fewer than k classes score above the target; false in rows with NaN or infinities.
   */
  private static Tensor inTopK(Tensor targets, Tensor predictions, int k) {
    if (predictions.rank() != 2 || targets.rank() != 1 || targets.dim(0) != predictions.dim(0)) {
      throw new ShapeException(
          "in_top_k: expected targets (batch,) and predictions (batch, classes). Received: "
              + targets.shape()
              + ", "
              + predictions.shape());
    }
    Tensor p = Ops.toFloat(predictions);
    Tensor t = Ops.cast(targets, DType.INT32);
    int classes = p.dim(1);
    Tensor hot = Ops.oneHot(t, classes, -1, DType.BOOL);
    int[] row = {1};
    Tensor score = Ops.sum(Ops.where(hot, p, 0), row, true);
    Tensor above = Ops.sum(Ops.greater(p, score), row, false);
    Tensor finite = Ops.all(Ops.unary(UnaryFunction.IS_FINITE, p), row, false);
    Tensor inside = Ops.logicalAnd(Ops.greaterEqual(t, 0), Ops.less(t, classes));
    return Ops.logicalAnd(Ops.less(above, k), Ops.logicalAnd(finite, inside));
  }
}
