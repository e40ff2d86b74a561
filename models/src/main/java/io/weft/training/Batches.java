package io.weft.training;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows of inputs, targets and weights, cut into batches. Entries may be null where nothing was
 * given.
 */
final class Batches {
  private final List<Tensor> x;
  private final List<Tensor> y;
  private final List<Tensor> w;
  private final int rows;

  Batches(List<Tensor> x, List<Tensor> y, List<Tensor> w) {
    this.x = x;
    this.y = y;
    this.w = w;
    int n = -1;
    for (List<Tensor> l : List.of(x, y, w)) {
      for (Tensor t : l) {
        if (t == null) {
          continue;
        }
        if (t.rank() == 0) {
          throw new ShapeException("data: expected a batch axis. Received: a scalar");
        }
        if (n >= 0 && t.dim(0) != n) {
          throw new ShapeException(
              "data: all arrays must have the same number of rows. Received: "
                  + n
                  + " and "
                  + t.dim(0));
        }
        n = t.dim(0);
      }
    }
    this.rows = n;
  }

  int rows() {
    return rows;
  }

  /** The inputs with all rows. */
  List<Tensor> x() {
    return x;
  }

  /** One batch: inputs, targets, weights. */
  record Batch(List<Tensor> x, List<Tensor> y, List<Tensor> w, int size) {}

  /** A random order of the rows, as int32. */
  static int[] order(int rows, SplittableRandom random) {
    int[] p = new int[rows];
    for (int i = 0; i < rows; i++) {
      int j = random == null ? i : random.nextInt(i + 1);
      p[i] = p[j];
      p[j] = i;
    }
    return p;
  }

  /**
   * Rows {@code from} (inclusive) to {@code to} (exclusive), in an order or as they stand (null).
   */
  Batch rows(int from, int to, int[] order) {
    Tensor index =
        order == null
            ? null
            : Tensor.ofTrusted(
                new HostArray(
                    DType.INT32,
                    Shape.of(to - from),
                    java.util.Arrays.copyOfRange(order, from, to)));
    return new Batch(
        cut(x, from, to, index), cut(y, from, to, index), cut(w, from, to, index), to - from);
  }

  private static List<Tensor> cut(List<Tensor> all, int from, int to, Tensor index) {
    List<Tensor> out = new ArrayList<>(all.size());
    for (Tensor t : all) {
      if (t == null) {
        out.add(null);
      } else if (index != null) {
        out.add(Ops.take(t, index, 0));
      } else {
        int[] start = new int[t.rank()];
        start[0] = from;
        out.add(Ops.slice(t, start, t.shape().withDim(0, to - from).dims()));
      }
    }
    return out;
  }

  /** The first and the last part, cut before row {@code n}. */
  Batches[] split(int n) {
    Batch a = rows(0, n, null);
    Batch b = rows(n, rows, null);
    return new Batches[] {new Batches(a.x(), a.y(), a.w()), new Batches(b.x(), b.y(), b.w())};
  }

  static List<Tensor> nulls(int n) {
    return Collections.nCopies(n, null);
  }
}
