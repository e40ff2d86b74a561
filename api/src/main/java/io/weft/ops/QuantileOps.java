package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.Arrays;
import java.util.List;

/** Medians, quantiles and percentiles of {@code keras.ops.numpy}, with and without NaN. */
final class QuantileOps {
  private static final String TAIL = " | axis=None, method=\"linear\", keepdims=False";

  private QuantileOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    median(t, "median", "Median", false);
    median(t, "nanmedian", "Nanmedian", true);
    quantile(t, "quantile", "Quantile", 1, false);
    quantile(t, "percentile", "Percentile", 100, false);
    quantile(t, "nanquantile", "Nanquantile", 1, true);
    quantile(t, "nanpercentile", "Nanpercentile", 100, true);
    return t.list();
  }

  private static void median(Table t, String function, String className, boolean skipNan) {
    t.op(
        function,
        className,
        "x | axis=None, keepdims=False",
        a -> {
          int[] axes = a.ints("axis");
          Tensor x = a.tensor("x");
          Tensor half = Tensor.scalar(0.5, DType.FLOAT32);
          return skipNan && axes != null && axes.length == 0
              ? x
              : quantile(x, half, axes, "linear", a.bool("keepdims"), skipNan);
        });
  }

  private static void quantile(
      Table t, String function, String className, double scale, boolean skipNan) {
    t.op(
        function,
        className,
        "x, q" + TAIL,
        a -> {
          Tensor q = a.tensor("q");
          if (scale != 1) {
            q = Ops.cast(q, DType.FLOAT32).divide(scale);
          }
          return quantile(
              a.tensor("x"), q, a.ints("axis"), a.string("method"), a.bool("keepdims"), skipNan);
        });
  }

  /** The axes of q come first, then those of x that stay. */
  private static Tensor quantile(
      Tensor given, Tensor q, int[] axes, String method, boolean keepdims, boolean skipNan) {
    Tensor x = Ops.toFloat(given);
    List<Integer> folded = Rules.axes(x.shape(), axes);
    int rank = x.rank();
    int[] perm = new int[rank];
    int[] kept = x.shape().dims();
    int n = 1;
    int at = 0;
    for (int i = 0; i < rank; i++) {
      if (!folded.contains(i)) {
        perm[at++] = i;
      }
    }
    Shape others = Shape.of(Arrays.stream(perm, 0, at).map(x::dim).toArray());
    for (int a : folded) {
      perm[at++] = a;
      n *= x.dim(a);
      kept[a] = 1;
    }
    Tensor rows = (rank == 0 ? x : Ops.transpose(x, perm)).reshape(others.intSize(), n);
    Tensor y = ofRows(rows, q.reshape(-1), method, skipNan);
    Shape rest = keepdims ? Shape.of(kept) : others;
    return Ops.transpose(y, 1, 0).reshape(q.shape().plus(rest.dims()).dims());
  }

  /** x (rows, n), q (m) → (rows, m). */
  private static Tensor ofRows(Tensor x, Tensor q, String method, boolean skipNan) {
    Tensor sorted = Ops.apply(new Indexing.Sort(false), List.of(x)).get(0);
    Tensor nan = Ops.unary(UnaryFunction.IS_NAN, x);
    int[] last = {-1};
    Tensor lastIndex;
    Tensor refused;
    if (skipNan) {
      Tensor count = Ops.sum(Ops.cast(Ops.logicalNot(nan), DType.INT32), last, true);
      refused = Ops.equal(count, 0);
      lastIndex = Ops.cast(Ops.maximum(count.minus(Tensor.scalar(1)), 0), DType.FLOAT64);
    } else {
      refused = Ops.any(nan, last, true);
      lastIndex = Ops.full(Shape.of(x.dim(0), 1), x.dim(1) - 1, DType.FLOAT64);
    }
    Tensor exact = lastIndex.times(Ops.expandDims(Ops.cast(q, DType.FLOAT64), 0));
    Tensor y;
    switch (method) {
      case "lower":
        y = at(sorted, Ops.floor(exact), lastIndex);
        break;
      case "higher":
        y = at(sorted, ceil(exact), lastIndex);
        break;
      case "nearest":
        y = at(sorted, Ops.unary(UnaryFunction.ROUND, exact), lastIndex);
        break;
      case "midpoint":
        y =
            at(sorted, Ops.floor(exact), lastIndex)
                .plus(at(sorted, ceil(exact), lastIndex))
                .times(0.5);
        break;
      case "linear":
        Tensor low = Ops.maximum(inside(ceil(exact), lastIndex).minus(1), 0);
        Tensor high = Ops.minimum(low.plus(1), lastIndex);
        Tensor fraction = Ops.cast(high.minus(exact), x.dtype());
        y =
            at(sorted, high, lastIndex)
                .times(Ops.oneMinus(fraction))
                .plus(at(sorted, low, lastIndex).times(fraction));
        break;
      default:
        throw new ConfigException(
            "quantile: method must be 'linear', 'lower', 'higher', 'midpoint' or 'nearest'."
                + " Received: method="
                + method);
    }
    return Ops.where(refused, Double.NaN, y);
  }

  private static Tensor ceil(Tensor x) {
    return Ops.unary(UnaryFunction.CEIL, x);
  }

  private static Tensor inside(Tensor position, Tensor lastIndex) {
    return Ops.maximum(Ops.minimum(position, lastIndex), 0);
  }

  private static Tensor at(Tensor sorted, Tensor position, Tensor lastIndex) {
    return IndexOps.takeRows(sorted, Ops.cast(inside(position, lastIndex), DType.INT32));
  }
}
