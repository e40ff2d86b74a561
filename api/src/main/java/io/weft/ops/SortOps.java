package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.DType;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
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
    int a = axis == null ? 0 : v.shape().axis(axis);
    v = Ops.swapaxes(v, a, -1);
    int n = v.dim(-1);
    int k = Math.max(0, Math.min(n - 1, kth));
    int[] zero = new int[v.rank()];
    Tensor rising = Ops.apply(new Indexing.Sort(false), List.of(v)).get(1);
    Tensor low = Ops.slice(rising, zero, v.shape().withDim(-1, k + 1).dims());
    // what is taken counts as 0 among the rest, as in Keras
    Tensor rest = Ops.where(taken(low, v.shape()), 0, v);
    Tensor falling = Ops.apply(new Indexing.Sort(true), List.of(rest)).get(1);
    Tensor high = Ops.slice(falling, zero, v.shape().withDim(-1, n - k - 1).dims());
    return Ops.swapaxes(Ops.concatenate(List.of(low, high), -1), a, -1);
  }

  /**
   * The elements that Keras strikes out: it sums one-hot rows over the first axis, which is right
   * for vectors only, and reads the rest as positions in the tensor from its first axis on.
   */
  private static Tensor taken(Tensor low, Shape shape) {
    Tensor hot = Ops.oneHot(low, shape.dim(-1), -1, DType.INT32);
    Tensor struck = Ops.notEqual(Ops.sum(hot, new int[] {0}, false), 0);
    int[][] more = new int[shape.rank()][];
    for (int i = 0; i < more.length; i++) {
      more[i] = new int[] {0, shape.dim(i) - struck.dim(i)};
      if (more[i][1] < 0) {
        throw new ShapeException(
            "argpartition: kth is too large for rows of " + shape + ", as in Keras.");
      }
    }
    return Ops.pad(struck, more, 0);
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
    if (bins instanceof ArrayTensor) {
      float[] b = bins.toFloatArray();
      for (int i = 1; i < b.length; i++) {
        if (b[i] < b[i - 1]) {
          throw new ConfigException(
              "digitize: expected bins that do not fall. Received: " + b[i - 1] + ", " + b[i]);
        }
      }
    }
    DType d =
        x.dtype() == DType.FLOAT64 || x.dtype() == DType.INT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor bounds = Ops.cast(Ops.cast(bins, DType.FLOAT32), d);
    return position(bounds, Ops.cast(x, d), true);
  }

  /** Where to insert values into a rising vector: before equal elements, or after them. */
  static Tensor position(Tensor sequence, Tensor values, boolean after) {
    Tensor v = Ops.expandDims(values, -1);
    // in these ways NaN goes before all elements and after all
    Tensor hit = after ? Ops.greater(sequence, v) : Ops.less(sequence, v);
    Tensor count = Ops.sum(Ops.cast(hit, DType.INT32), new int[] {-1}, false);
    return after ? Ops.subtract(sequence.dim(0), count) : count;
  }
}
