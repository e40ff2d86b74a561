package io.weft.ops;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/** Reductions of {@code keras.ops.numpy} that leave NaN out. */
final class NanOps {
  private NanOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    ReductionOps.fold(t, "nansum", "Nansum", NanOps::sum);
    ReductionOps.fold(t, "nanmean", "Nanmean", NanOps::mean);
    ReductionOps.fold(t, "nanvar", "Nanvar", NanOps::var);
    ReductionOps.fold(t, "nanstd", "Nanstd", (x, axes, k) -> Ops.sqrt(var(x, axes, k)));
    ReductionOps.fold(
        t, "nanprod", "Nanprod", (x, axes, k) -> ReductionOps.prod(replaced(x, 1), axes, k, null));
    ReductionOps.fold(t, "nanmax", "Nanmax", (x, axes, k) -> extreme(true, x, axes, k));
    ReductionOps.fold(t, "nanmin", "Nanmin", (x, axes, k) -> extreme(false, x, axes, k));
    arg(t, "nanargmax", "Nanargmax", true);
    arg(t, "nanargmin", "Nanargmin", false);
    cumulative(t, "nancumsum", "Nancumsum", true);
    cumulative(t, "nancumprod", "Nancumprod", false);
    return t.list();
  }

  private static void arg(Table t, String function, String className, boolean max) {
    t.op(
        function,
        className,
        "x | axis=None, keepdims=False",
        a -> {
          Tensor x = a.tensor("x");
          Integer axis = a.integerOrNull("axis");
          boolean keep = a.bool("keepdims");
          double worst = max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
          Tensor y = ReductionOps.argExtreme(max, replaced(x, worst), axis, keep);
          return x.dtype().isFloating()
              ? Ops.where(allNan(x, axis == null ? null : new int[] {axis}, keep), -1, y)
              : y;
        });
  }

  private static void cumulative(Table t, String function, String className, boolean sum) {
    t.op(
        function,
        className,
        "x | axis=None, dtype=None",
        a ->
            ReductionOps.cumulative(
                sum,
                ElementwiseOps.nanToNum(a.tensor("x"), sum ? 0 : 1, null, null),
                a.integerOrNull("axis"),
                a.dtype("dtype")));
  }

  /** NaN replaced by a number; other dtypes than floats unchanged. */
  private static Tensor replaced(Tensor x, double v) {
    return x.dtype().isFloating() ? Ops.where(Ops.unary(UnaryFunction.IS_NAN, x), v, x) : x;
  }

  private static Tensor allNan(Tensor x, int[] axes, boolean keepdims) {
    return Ops.all(Ops.unary(UnaryFunction.IS_NAN, x), axes, keepdims);
  }

  private static Tensor sum(Tensor x, int[] axes, boolean keepdims) {
    return Ops.sum(replaced(x, 0), axes, keepdims);
  }

  private static Tensor mean(Tensor x, int[] axes, boolean keepdims) {
    if (axes != null && axes.length == 0) {
      return x;
    }
    if (!x.dtype().isFloating()) {
      return Ops.mean(Ops.cast(x, DType.FLOAT32), axes, keepdims);
    }
    return sum(x, axes, keepdims).divide(count(x, axes, keepdims));
  }

  /** How many elements are not NaN, in the dtype of x. */
  private static Tensor count(Tensor x, int[] axes, boolean keepdims) {
    Tensor valid = Ops.logicalNot(Ops.unary(UnaryFunction.IS_NAN, x));
    return Ops.sum(Ops.cast(valid, x.dtype()), axes, keepdims);
  }

  private static Tensor var(Tensor x, int[] axes, boolean keepdims) {
    Tensor v = Ops.toFloat(x);
    Tensor centered = Ops.subtract(v, mean(v, axes, true));
    Tensor nan = Ops.unary(UnaryFunction.IS_NAN, v);
    Tensor squares = Ops.square(Ops.where(nan, 0, centered));
    return Ops.sum(squares, axes, keepdims).divide(count(v, axes, keepdims));
  }

  private static Tensor extreme(boolean max, Tensor x, int[] axes, boolean keepdims) {
    if (!x.dtype().isFloating()) {
      return ReductionOps.extreme(max, x, axes, keepdims, null);
    }
    double worst = max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    Object initial = x.shape().size() == 0 ? (Object) worst : null;
    Tensor y = ReductionOps.extreme(max, replaced(x, worst), axes, keepdims, initial);
    return Ops.where(allNan(x, axes, keepdims), Double.NaN, y);
  }
}
