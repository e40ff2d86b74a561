package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/** Sorting, and searching in sorted numbers, of {@code keras.ops.numpy}. */
final class SortOps {
  private SortOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "sort",
        "Sort",
        "x | axis=-1",
        a -> {
          Tensor x = a.tensor("x");
          return Ops.cast(sorted(byteIfBool(x), a.integerOrNull("axis"), 0), x.dtype());
        });
    t.op(
        "argsort",
        "Argsort",
        "x | axis=-1",
        a -> {
          Tensor x = a.tensor("x");
          return x.rank() == 0
              ? Tensor.of(new int[] {0})
              : sorted(byteIfBool(x), a.integerOrNull("axis"), 1);
        });
    t.op(
        "argpartition",
        "Argpartition",
        "x | kth, axis=-1",
        a -> argPartition(a.tensor("x"), a.integer("kth"), a.integerOrNull("axis")));
    t.op(
        "searchsorted",
        "SearchSorted",
        "sorted_sequence, values | side=\"left\"",
        a -> searchSorted(a.tensor("sorted_sequence"), a.tensor("values"), a.string("side")));
    t.op("digitize", "Digitize", "x, bins", a -> digitize(a.tensor("x"), a.tensor("bins")));
    return t.list();
  }

  private static Tensor byteIfBool(Tensor x) {
    return x.dtype().isBool() ? Ops.cast(x, DType.UINT8) : x;
  }

  /** Output 0 (values) or 1 (positions) of a stable ascending sort; null = flattened. */
  private static Tensor sorted(Tensor x, Integer axis, int output) {
    if (axis == null) {
      return Ops.apply(new Indexing.Sort(false), List.of(x.reshape(-1))).get(output);
    }
    Tensor last = Ops.swapaxes(x, axis, -1);
    Tensor y = Ops.apply(new Indexing.Sort(false), List.of(last)).get(output);
    return Ops.swapaxes(y, axis, -1);
  }

  /**
   * Positions of the kth + 1 smallest in rising order, then of the others in falling order; like
   * Keras for whole numbers, to which floats are cut.
   */
  private static Tensor argPartition(Tensor x, int kth, Integer axis) {
    Tensor v = Ops.cast(axis == null ? x.reshape(-1) : x, DType.INT32);
    if (v.rank() != 1) {
      throw new ShapeException(
          "argpartition: expected a vector, or axis=None. Received: " + x.shape());
    }
    int n = v.dim(0);
    int k = Math.max(0, Math.min(n - 1, kth));
    Tensor rising = sorted(v, 0, 1);
    Tensor low = Ops.slice(rising, new int[] {0}, new int[] {k + 1});
    // what is taken counts as 0 among the rest, as in Keras
    Tensor rest =
        Ops.apply1(
            new Indexing.Scatter(Indexing.Combine.SET),
            v,
            Ops.expandDims(low, -1),
            Ops.zeros(low.shape(), DType.INT32));
    Tensor falling = Ops.apply(new Indexing.Sort(true), List.of(rest)).get(1);
    Tensor high = Ops.slice(falling, new int[] {0}, new int[] {n - k - 1});
    return Ops.concatenate(List.of(low, high), 0);
  }

  private static Tensor searchSorted(Tensor sequence, Tensor values, String side) {
    if (sequence.rank() != 1) {
      throw new ShapeException(
          "searchsorted: expected a sorted vector. Received: " + sequence.shape());
    }
    if (!side.equals("left") && !side.equals("right")) {
      throw new ConfigException(
          "searchsorted: side must be 'left' or 'right'. Received: side=" + side);
    }
    Tensor[] p = Dtypes.pair(sequence, values);
    return position(p[0], p[1], side.equals("right"));
  }

  /** The bin of each number: how many of the rising bounds are not above it. */
  private static Tensor digitize(Tensor x, Tensor bins) {
    if (bins.rank() != 1) {
      throw new ShapeException("digitize: expected a vector of bins. Received: " + bins.shape());
    }
    DType d =
        x.dtype() == DType.FLOAT64 || x.dtype() == DType.INT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor bounds = Ops.cast(Ops.cast(bins, DType.FLOAT32), d);
    return position(bounds, Ops.cast(x, d), true);
  }

  /** Where to insert values into a rising vector: before equal elements, or after them. */
  static Tensor position(Tensor sequence, Tensor values, boolean after) {
    Tensor v = Ops.expandDims(values, -1);
    // counting what comes later puts NaN at the end
    Tensor later = after ? Ops.greater(sequence, v) : Ops.greaterEqual(sequence, v);
    Tensor count = Ops.sum(Ops.cast(later, DType.INT32), new int[] {-1}, false);
    return Ops.subtract(sequence.dim(0), count);
  }
}
