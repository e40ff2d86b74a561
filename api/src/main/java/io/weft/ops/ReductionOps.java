package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Reduction;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/** Functions of {@code keras.ops.numpy} that fold axes, and running sums and products. */
final class ReductionOps {
  private static final String AXIS = "x | axis=None, keepdims=False";

  /** (x, axes or null, keepdims) → y. */
  interface Fold {
    Tensor apply(Tensor x, int[] axes, boolean keepdims);
  }

  private ReductionOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    fold(t, "sum", "Sum", Ops::sum);
    fold(t, "mean", "Mean", Ops::mean);
    fold(t, "var", "Var", Ops::var);
    fold(t, "std", "Std", (x, axes, k) -> Ops.sqrt(Ops.var(x, axes, k)));
    fold(t, "any", "Any", Ops::any);
    fold(t, "all", "All", Ops::all);
    fold(t, "amax", "Amax", (x, axes, k) -> extreme(true, x, axes, k, null));
    fold(t, "amin", "Amin", (x, axes, k) -> extreme(false, x, axes, k, null));
    fold(
        t,
        "ptp",
        "Ptp",
        (x, axes, k) -> {
          boolean none = x.shape().size() == 0 && x.dtype().isFloating();
          Object low = none ? Double.NEGATIVE_INFINITY : null;
          Object high = none ? Double.POSITIVE_INFINITY : null;
          return Ops.subtract(extreme(true, x, axes, k, low), extreme(false, x, axes, k, high));
        });
    fold(
        t,
        "count_nonzero",
        "CountNonzero",
        "x | axis=None",
        (x, axes, k) -> Ops.sum(Ops.cast(nonzero(x), DType.INT32), axes, k));
    extreme(t, "max", "Max", true);
    extreme(t, "min", "Min", false);
    t.op(
        "prod",
        "Prod",
        "x | axis=None, keepdims=False, dtype=None",
        a -> prod(a.tensor("x"), a.ints("axis"), a.bool("keepdims"), a.dtype("dtype")));
    arg(t, "argmax", "Argmax", true);
    arg(t, "argmin", "Argmin", false);
    t.op(
        "average",
        "Average",
        "x | axis=None | weights=None",
        a -> average(a.tensor("x"), a.ints("axis"), a.tensorOrNull("weights")));
    t.op(
        "cumsum",
        "Cumsum",
        "x | axis=None, dtype=None",
        a -> cumulative(true, a.tensor("x"), a.integerOrNull("axis"), a.dtype("dtype")));
    t.op(
        "cumprod",
        "Cumprod",
        "x | axis=None, dtype=None",
        a -> cumulative(false, a.tensor("x"), a.integerOrNull("axis"), a.dtype("dtype")));
    return t.list();
  }

  static void fold(Table t, String function, String className, Fold f) {
    fold(t, function, className, AXIS, f);
  }

  private static void fold(Table t, String function, String className, String signature, Fold f) {
    boolean keep = signature.equals(AXIS);
    t.op(
        function,
        className,
        signature,
        a -> f.apply(a.tensor("x"), a.ints("axis"), keep && a.bool("keepdims")));
  }

  private static void extreme(Table t, String function, String className, boolean max) {
    t.op(
        function,
        className,
        "x | axis=None, keepdims=False, initial=None",
        a ->
            extreme(
                max,
                a.tensor("x"),
                a.ints("axis"),
                a.bool("keepdims"),
                a.isNull("initial") ? null : a.operand("initial")));
  }

  private static void arg(Table t, String function, String className, boolean max) {
    t.op(
        function,
        className,
        AXIS,
        a -> argExtreme(max, a.tensor("x"), a.integerOrNull("axis"), a.bool("keepdims")));
  }

  /** The largest or smallest element, of booleans any or all; refused for an empty tensor. */
  static Tensor extreme(boolean max, Tensor x, int[] axes, boolean keepdims, Object initial) {
    if (x.shape().size() == 0) {
      if (initial == null) {
        throw new ShapeException(
            (max ? "max" : "min")
                + ": expected a tensor that is not empty. Received: "
                + x.shape());
      }
      Shape s = Ops.sum(x, axes, keepdims).shape();
      return Ops.broadcastTo(Promotion.convert(initial, x.dtype()), s);
    }
    if (initial instanceof Double && x.dtype().isInteger()) {
      throw new ConfigException(
          "max, min: initial must suit dtype " + x.dtype() + ". Received: initial=" + initial);
    }
    boolean bool = x.dtype().isBool();
    Tensor y;
    if (bool) {
      y = max ? Ops.any(x, axes, keepdims) : Ops.all(x, axes, keepdims);
    } else {
      y = max ? Ops.max(x, axes, keepdims) : Ops.min(x, axes, keepdims);
    }
    if (initial == null) {
      return y;
    }
    Tensor i = Promotion.convert(initial, bool ? DType.INT32 : x.dtype());
    Tensor v = bool ? Ops.cast(y, DType.INT32) : y;
    return Ops.cast(max ? Ops.maximum(v, i) : Ops.minimum(v, i), x.dtype());
  }

  /** A product; a given dtype only keeps small integers from being widened, as in Keras. */
  static Tensor prod(Tensor x, int[] axes, boolean keepdims, DType dtype) {
    return dtype == null
        ? Ops.prod(Ops.cast(x, Dtypes.result(x)), axes, keepdims)
        : Ops.reduce(Reduction.Fold.PROD, Dtypes.noBool(x), axes, keepdims);
  }

  /** The first position of the extreme; −0 is less than 0, as in Keras. */
  static Tensor argExtreme(boolean max, Tensor x, Integer axis, boolean keepdims) {
    Tensor v = x;
    if (x.dtype().isFloating() && x.rank() > 0) {
      DType d = x.dtype() == DType.FLOAT64 ? x.dtype() : DType.FLOAT32;
      double tiny = d == DType.FLOAT64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
      v = Ops.cast(x, d);
      Tensor negativeZero = Ops.logicalAnd(Ops.equal(v, 0), Ops.unary(UnaryFunction.SIGNBIT, v));
      v = Ops.where(negativeZero, -tiny, v);
      // NaN never wins
      double last = max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      v = Ops.where(Ops.unary(UnaryFunction.IS_NAN, v), last, v);
    }
    if (x.rank() == 0) {
      return Ops.argmax(v.reshape(1), 0, false);
    }
    return max ? Ops.argmax(v, axis, keepdims) : Ops.argmin(v, axis, keepdims);
  }

  private static Tensor average(Tensor x, int[] axes, Tensor weights) {
    if (weights == null) {
      return Ops.mean(x, axes, false);
    }
    DType d = Dtypes.floating(x, weights);
    Tensor v = Ops.cast(x, d);
    Tensor w = Ops.cast(weights, d);
    if (axes != null && x.rank() != weights.rank()) {
      if (axes.length != 1 || weights.rank() != 1) {
        throw new ShapeException(
            "average: expected weights of the shape of x or one weight per position of one axis."
                + " Received: x "
                + x.shape()
                + ", weights "
                + weights.shape());
      }
      Tensor last = Ops.matmul(ShapeOps.moveaxis(v, axes, new int[] {-1}), w);
      return last.divide(Ops.sum(w));
    }
    return Ops.sum(v.times(w), axes, false).divide(Ops.sum(w, axes, false));
  }

  /** Running sum or product; no axis means the flattened tensor. */
  static Tensor cumulative(boolean sum, Tensor x, Integer axis, DType dtype) {
    Tensor v = Dtypes.noBool(dtype == null ? x : Ops.cast(x, dtype));
    if (axis == null) {
      v = v.reshape(-1);
    }
    int a = axis == null ? 0 : v.shape().axis(axis);
    return Ops.apply1(new Reduction.Cumulative(sum, a, false), v);
  }

  static Tensor nonzero(Tensor x) {
    return x.dtype().isBool() ? x : Ops.notEqual(x, 0);
  }
}
