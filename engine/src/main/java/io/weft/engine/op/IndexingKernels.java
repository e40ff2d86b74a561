package io.weft.engine.op;

import io.weft.engine.thread.WorkerTeam;
import io.weft.error.ShapeException;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Indexing;
import io.weft.tensor.Indexing.Combine;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of the ops that read or write at positions, and sorting. */
final class IndexingKernels {
  private static final int TAKEN = 1 << 16; // elements that a task copies

  private IndexingKernels() {}

  static void register(Kernels k) {
    k.put(Indexing.Take.class, IndexingKernels::take);
    k.put(Indexing.TakeGradient.class, IndexingKernels::takeGradient);
    k.put(Indexing.Gather.class, IndexingKernels::gather);
    k.put(Indexing.Scatter.class, IndexingKernels::scatter);
    k.put(Indexing.Sort.class, IndexingKernels::sort);
  }

  /** Row numbers in 0…n−1: negative ones count from the end, others are clamped. */
  static int[] rows(DType d, Object indices, int count, int n) {
    long[] l = (long[]) Registers.wide(d, indices, count);
    int[] r = new int[count];
    for (int i = 0; i < count; i++) {
      long v = l[i];
      if (v < 0) {
        v = d == DType.UINT64 ? n : v + n;
      }
      r[i] = (int) Math.max(0, Math.min(v, n - 1));
    }
    return r;
  }

  /** Row numbers, of which none may lie outside of the table. */
  private static int[] within(Indexing.Take op, DType d, Object indices, int count, int n) {
    long[] l = (long[]) Registers.wide(d, indices, count);
    int[] r = new int[count];
    int least = op.fromEnd() ? -n : 0;
    for (int i = 0; i < count; i++) {
      if (l[i] < least || l[i] >= n) {
        throw new ShapeException(
            op.table()
                + ": expected integers from "
                + least
                + " to "
                + (n - 1)
                + ", of which the table has rows. Received: "
                + (d == DType.UINT64 ? Long.toUnsignedString(l[i]) : Long.toString(l[i]))
                + ". Make the table larger or map what it does not know to one of its rows.");
      }
      r[i] = (int) (l[i] < 0 ? l[i] + n : l[i]);
    }
    return r;
  }

  private static Kernel take(Indexing.Take op, List<TensorSpec> in, List<TensorSpec> out) {
    Shape x = in.get(0).shape();
    int outer = x.product(0, op.axis());
    int n = x.dim(op.axis());
    int inner = x.product(op.axis() + 1, x.rank());
    int count = in.get(1).shape().intSize();
    DType type = in.get(1).dtype();
    return (a, y) -> {
      int[] rows =
          op.table() == null ? rows(type, a[1], count, n) : within(op, type, a[1], count, n);
      if (inner == 0) {
        return; // there may be more such rows than an int counts
      }
      int perTask = Math.max(1, TAKEN / inner);
      int all = outer * count;
      int tasks = (int) ((all + perTask - 1L) / perTask);
      WorkerTeam.shared()
          .parallel(
              tasks,
              t -> {
                int end = (int) Math.min(all, (t + 1L) * perTask);
                copyRows(a[0], y[0], rows, n, inner, t * perTask, end);
              });
    };
  }

  /** Copies rows {@code from … to - 1} of the result. */
  private static void copyRows(Object x, Object y, int[] rows, int n, int inner, int from, int to) {
    int count = rows.length;
    if (x instanceof float[] f) { // a copy between arrays of unknown type costs a call
      float[] g = (float[]) y;
      for (int i = from; i < to; i++) {
        System.arraycopy(f, (i / count * n + rows[i % count]) * inner, g, i * inner, inner);
      }
      return;
    }
    for (int i = from; i < to; i++) {
      System.arraycopy(x, (i / count * n + rows[i % count]) * inner, y, i * inner, inner);
    }
  }

  private static Kernel takeGradient(
      Indexing.TakeGradient op, List<TensorSpec> in, List<TensorSpec> out) {
    Shape x = op.full();
    int outer = x.product(0, op.axis());
    int n = x.dim(op.axis());
    int inner = x.product(op.axis() + 1, x.rank());
    int count = in.get(0).shape().intSize();
    DType type = in.get(0).dtype();
    DType d = in.get(1).dtype();
    return (a, y) -> {
      int[] rows = rows(type, a[0], count, n);
      Object dy = Registers.wide(d, a[1], outer * count * inner);
      if (y[0] instanceof float[] sum) {
        java.util.Arrays.fill(sum, 0f);
      }
      Object r =
          y[0] instanceof float[] ? y[0] : Registers.allocate(Registers.kind(d), outer * n * inner);
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < count; i++) {
          add(r, (o * n + rows[i]) * inner, dy, (o * count + i) * inner, inner);
        }
      }
      if (r != y[0]) {
        Registers.store(d, r, 0, y[0], 0, outer * n * inner);
      }
    };
  }

  private static void add(Object y, int yo, Object x, int xo, int n) {
    if (y instanceof float[] f) {
      for (int i = 0; i < n; i++) {
        f[yo + i] += ((float[]) x)[xo + i];
      }
    } else if (y instanceof double[] f) {
      for (int i = 0; i < n; i++) {
        f[yo + i] += ((double[]) x)[xo + i];
      }
    } else if (y instanceof long[] f) {
      for (int i = 0; i < n; i++) {
        f[yo + i] += ((long[]) x)[xo + i];
      }
    } else {
      for (int i = 0; i < n; i++) {
        ((byte[]) y)[yo + i] |= ((byte[]) x)[xo + i];
      }
    }
  }

  /** Start of each named block of x, or −1 for a position outside. */
  private static int[] offsets(TensorSpec indices, Object array, Shape x) {
    int k = indices.shape().dim(-1);
    int count = indices.shape().product(0, indices.shape().rank() - 1);
    long[] at = (long[]) Registers.wide(indices.dtype(), array, count * k);
    int[] strides = Strides.of(x.dims());
    int[] r = new int[count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < k && r[i] >= 0; j++) {
        long v = at[i * k + j];
        r[i] = v < 0 || v >= x.dim(j) ? -1 : r[i] + (int) v * strides[j];
      }
    }
    return r;
  }

  private static Kernel gather(Indexing.Gather op, List<TensorSpec> in, List<TensorSpec> out) {
    Shape x = in.get(0).shape();
    TensorSpec indices = in.get(1);
    int inner = x.product(indices.shape().dim(-1), x.rank());
    Object zeros =
        java.lang.reflect.Array.newInstance(
            in.get(0).dtype().arrayType().getComponentType(), inner);
    return (a, y) -> {
      int[] at = offsets(indices, a[1], x);
      for (int i = 0; i < at.length; i++) {
        if (at[i] < 0) {
          System.arraycopy(zeros, 0, y[0], i * inner, inner);
        } else {
          System.arraycopy(a[0], at[i], y[0], i * inner, inner);
        }
      }
    };
  }

  private static Kernel scatter(Indexing.Scatter op, List<TensorSpec> in, List<TensorSpec> out) {
    Shape x = in.get(0).shape();
    DType d = in.get(0).dtype();
    TensorSpec indices = in.get(1);
    int inner = x.product(indices.shape().dim(-1), x.rank());
    int size = x.intSize();
    int updates = in.get(2).shape().intSize();
    TileProgram.Loop loop = op.combine() == Combine.SET ? null : combiner(op.combine(), d);
    return (a, y) -> {
      int[] at = offsets(indices, a[1], x);
      if (loop == null) {
        System.arraycopy(a[0], 0, y[0], 0, size);
        for (int i = 0; i < at.length; i++) {
          if (at[i] >= 0) {
            System.arraycopy(a[2], i * inner, y[0], at[i], inner);
          }
        }
        return;
      }
      Object r = Registers.allocate(Registers.kind(d), size);
      Registers.load(d, a[0], 0, r, 0, size);
      Object u = Registers.wide(d, a[2], updates);
      for (int i = 0; i < at.length; i++) {
        if (at[i] >= 0) {
          loop.run(r, at[i], u, i * inner, null, 0, r, at[i], inner);
        }
      }
      Registers.store(d, r, 0, y[0], 0, size);
    };
  }

  private static TileProgram.Loop combiner(Combine c, DType d) {
    boolean bool = d.isBool();
    switch (c) {
      case ADD:
        return Loops.binary(bool ? BinaryFunction.LOGICAL_OR : BinaryFunction.ADD, d);
      case MUL:
        return Loops.binary(bool ? BinaryFunction.LOGICAL_AND : BinaryFunction.MULTIPLY, d);
      case MAX:
        return Loops.binary(bool ? BinaryFunction.LOGICAL_OR : BinaryFunction.MAXIMUM, d);
      default:
        return Loops.binary(bool ? BinaryFunction.LOGICAL_AND : BinaryFunction.MINIMUM, d);
    }
  }

  private static Kernel sort(Indexing.Sort op, List<TensorSpec> in, List<TensorSpec> out) {
    TensorSpec x = in.get(0);
    int size = x.shape().intSize();
    int n = x.shape().dim(-1);
    return (a, y) -> {
      long[] keys = SortKeys.of(x.dtype(), a[0], size, true);
      if (op.descending()) {
        keys = keys.clone();
        for (int i = 0; i < size; i++) {
          keys[i] = ~keys[i];
        }
      }
      int[] order = (int[]) y[1];
      int[] spare = new int[n];
      for (int s = 0; s < size; s += n) {
        sortRow(keys, s, n, order, spare);
        for (int i = 0; i < n; i++) {
          System.arraycopy(a[0], s + order[s + i], y[0], s + i, 1);
        }
      }
    };
  }

  /** A stable merge sort of positions 0…n−1 by their keys, into {@code order[s…s+n]}. */
  private static void sortRow(long[] keys, int s, int n, int[] order, int[] spare) {
    int[] from = new int[n];
    int[] to = spare;
    for (int i = 0; i < n; i++) {
      from[i] = i;
    }
    for (int width = 1; width < n; width *= 2) {
      for (int lo = 0; lo < n; lo += 2 * width) {
        int mid = Math.min(lo + width, n);
        int hi = Math.min(lo + 2 * width, n);
        int i = lo;
        int j = mid;
        for (int k = lo; k < hi; k++) {
          boolean left = i < mid && (j >= hi || keys[s + from[i]] <= keys[s + from[j]]);
          to[k] = left ? from[i++] : from[j++];
        }
      }
      int[] t = from;
      from = to;
      to = t;
    }
    System.arraycopy(from, 0, order, s, n);
  }
}
