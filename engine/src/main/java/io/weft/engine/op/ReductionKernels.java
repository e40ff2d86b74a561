package io.weft.engine.op;

import io.weft.engine.kernel.ReduceKernels;
import io.weft.engine.op.Registers.Kind;
import io.weft.fused.FusedElementwise;
import io.weft.tensor.DType;
import io.weft.tensor.Reduction;
import io.weft.tensor.Reduction.Fold;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;

/** Kernels of the reductions. Floats are folded in double, integers in long. */
final class ReductionKernels {
  private ReductionKernels() {}

  static void register(Kernels k) {
    k.put(Reduction.Reduce.class, ReductionKernels::reduce);
    k.put(Reduction.ArgReduce.class, ReductionKernels::argReduce);
    k.put(Reduction.Cumulative.class, ReductionKernels::cumulative);
  }

  private static Kernel reduce(Reduction.Reduce op, List<TensorSpec> in, List<TensorSpec> out) {
    TensorSpec x = in.get(0);
    DType d = x.dtype();
    if (FusedElementwise.sums(op, in)) { // in the order of a fused op, so with its bits
      Shape s = x.shape();
      int[] widths = {s.product(op.axes().size(), s.rank())};
      return new TileProgram(s, List.of(new TileInput(x, s)), List.of(), new int[1], widths);
    }
    int[] dims = x.shape().dims();
    int[] kept = dims.clone();
    op.axes().forEach(a -> kept[a] = 1);
    int[] to = Strides.of(kept);
    op.axes().forEach(a -> to[a] = 0);
    int[][] walk = Strides.merge(dims, Strides.of(dims), to);
    int n = x.shape().intSize();
    int m = out.get(0).shape().intSize();
    Kind kind = Registers.kind(d);
    Fold fold = op.fold();
    int[] blocks = blocks(walk);
    if (kind == Kind.FLOAT && blocks != null && (fold == Fold.SUM || fold == Fold.MAX)) {
      return Kernel.bySpecs(
          Numeric.floating(in, out, (a, y) -> blocked(fold, a[0], y[0], blocks), null));
    }
    if (kind == Kind.FLOAT || kind == Kind.DOUBLE) {
      return (a, y) -> {
        double[] acc = new double[m];
        Arrays.fill(acc, start(fold));
        Object wide = Registers.wide(d, a[0], n);
        if (n > 0) {
          new FloatFold(fold, walk, wide, acc).walk(0, 0, 0);
        }
        storeDoubles(d, kind, acc, y[0]);
      };
    }
    return (a, y) -> {
      long[] acc = new long[m];
      boolean unsigned = d == DType.UINT64;
      Arrays.fill(acc, startLong(fold, unsigned));
      long[] wide = longs(d, a[0], n);
      if (n > 0) {
        new LongFold(fold, walk, wide, acc, unsigned).walk(0, 0, 0);
      }
      storeLongs(d, acc, y[0]);
    };
  }

  /** (outer, reduced, inner) where one block of axes is reduced, or null. */
  private static int[] blocks(int[][] walk) {
    int[] b = {1, 1, 1};
    int at = 0;
    for (int i = 0; i < walk[0].length; i++) {
      boolean reduced = walk[2][i] == 0 && walk[0][i] != 1;
      if (reduced ? at > 0 : at > 1) {
        return null;
      }
      if (reduced) {
        at = 1;
      } else if (at == 1) {
        at = 2;
      }
      b[at] = walk[0][i];
    }
    return b;
  }

  private static void blocked(Fold fold, float[] x, float[] y, int[] b) {
    if (fold == Fold.SUM) {
      ReduceKernels.sum(x, 0, y, 0, b[0], b[1], b[2]);
    } else {
      ReduceKernels.max(x, 0, y, 0, b[0], b[1], b[2]);
    }
  }

  /** Integers or bools as longs. */
  static long[] longs(DType d, Object x, int n) {
    if (!d.isBool()) {
      return (long[]) Registers.wide(d, x, n);
    }
    long[] r = new long[n];
    for (int i = 0; i < n; i++) {
      r[i] = ((byte[]) x)[i];
    }
    return r;
  }

  static void storeLongs(DType d, long[] r, Object y) {
    if (d.isBool()) {
      for (int i = 0; i < r.length; i++) {
        ((byte[]) y)[i] = Loops.bit(r[i] != 0);
      }
    } else {
      Registers.store(d, r, 0, y, 0, r.length);
    }
  }

  private static void storeDoubles(DType d, Kind kind, double[] r, Object y) {
    if (kind == Kind.DOUBLE) {
      System.arraycopy(r, 0, y, 0, r.length);
      return;
    }
    float[] f = d == DType.FLOAT32 ? (float[]) y : new float[r.length];
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) r[i];
    }
    if (f != y) {
      Registers.store(d, f, 0, y, 0, f.length);
    }
  }

  private static double start(Fold fold) {
    switch (fold) {
      case SUM:
        return 0;
      case PROD:
        return 1;
      case MAX:
        return Double.NEGATIVE_INFINITY;
      default:
        return Double.POSITIVE_INFINITY;
    }
  }

  private static long startLong(Fold fold, boolean unsigned) {
    switch (fold) {
      case SUM:
      case ANY:
        return 0;
      case PROD:
      case ALL:
        return 1;
      case MAX:
        return unsigned ? 0 : Long.MIN_VALUE;
      default:
        return unsigned ? -1 : Long.MAX_VALUE;
    }
  }

  /** Walks x in memory order and folds each element into the accumulator of its result. */
  private record FloatFold(Fold fold, int[][] walk, Object x, double[] acc) {
    void walk(int axis, int xo, int yo) {
      int n = walk[0][axis];
      int xs = walk[1][axis];
      int ys = walk[2][axis];
      if (axis < walk[0].length - 1) {
        for (int i = 0; i < n; i++) {
          walk(axis + 1, xo + i * xs, yo + i * ys);
        }
      } else if (x instanceof float[] f) {
        if (ys == 0) {
          acc[yo] = row(f, xo, n, acc[yo]);
        } else {
          column(f, xo, n, yo);
        }
      } else {
        double[] d = (double[]) x;
        for (int i = 0; i < n; i++) {
          acc[yo + i * ys] = fold(acc[yo + i * ys], d[xo + i]);
        }
      }
    }

    private double fold(double a, double v) {
      switch (fold) {
        case SUM:
          return a + v;
        case PROD:
          return a * v;
        case MAX:
          return Math.max(a, v);
        default:
          return Math.min(a, v);
      }
    }

    private double row(float[] f, int xo, int n, double start) {
      double a = start;
      if (fold == Fold.SUM) {
        for (int i = 0; i < n; i++) {
          a += f[xo + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          a = fold(a, f[xo + i]);
        }
      }
      return a;
    }

    private void column(float[] f, int xo, int n, int yo) {
      if (fold == Fold.SUM) {
        for (int i = 0; i < n; i++) {
          acc[yo + i] += f[xo + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          acc[yo + i] = fold(acc[yo + i], f[xo + i]);
        }
      }
    }
  }

  private record LongFold(Fold fold, int[][] walk, long[] x, long[] acc, boolean unsigned) {
    void walk(int axis, int xo, int yo) {
      int n = walk[0][axis];
      for (int i = 0; i < n; i++) {
        int from = xo + i * walk[1][axis];
        int to = yo + i * walk[2][axis];
        if (axis < walk[0].length - 1) {
          walk(axis + 1, from, to);
        } else {
          acc[to] = fold(acc[to], x[from]);
        }
      }
    }

    private long fold(long a, long v) {
      switch (fold) {
        case SUM:
          return a + v;
        case PROD:
          return a * v;
        case MAX:
          return IntegerMath.less(a, v, unsigned) ? v : a;
        case MIN:
          return IntegerMath.less(v, a, unsigned) ? v : a;
        case ANY:
          return a | v;
        default:
          return a & v;
      }
    }
  }

  private static Kernel argReduce(
      Reduction.ArgReduce op, List<TensorSpec> in, List<TensorSpec> out) {
    TensorSpec x = in.get(0);
    int outer = x.shape().product(0, op.axis());
    int n = x.shape().dim(op.axis());
    int inner = x.shape().product(op.axis() + 1, x.shape().rank());
    return (a, y) -> {
      long[] keys = SortKeys.of(x.dtype(), a[0], x.shape().intSize(), op.max());
      int[] r = (int[]) y[0];
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < inner; i++) {
          int at = o * n * inner + i;
          int best = 0;
          for (int j = 1; j < n; j++) {
            long k = keys[at + j * inner];
            long b = keys[at + best * inner];
            if (op.max() ? k > b : k < b) {
              best = j;
            }
          }
          r[o * inner + i] = best;
        }
      }
    };
  }

  private static Kernel cumulative(
      Reduction.Cumulative op, List<TensorSpec> in, List<TensorSpec> out) {
    TensorSpec x = in.get(0);
    DType d = x.dtype();
    int size = x.shape().intSize();
    int outer = x.shape().product(0, op.axis());
    int n = x.shape().dim(op.axis());
    int inner = x.shape().product(op.axis() + 1, x.shape().rank());
    int step = op.reverse() ? -inner : inner;
    return (a, y) -> {
      Object from = Registers.wide(d, a[0], size);
      Object to = Registers.isDirect(d) ? y[0] : Registers.allocate(Registers.kind(d), size);
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < inner; i++) {
          int at = o * n * inner + i + (op.reverse() ? (n - 1) * inner : 0);
          scan(op.sum(), from, to, at, step, n);
        }
      }
      if (to != y[0]) {
        Registers.store(d, to, 0, y[0], 0, size);
      }
    };
  }

  private static void scan(boolean sum, Object x, Object y, int at, int step, int n) {
    if (x instanceof float[] f) {
      double acc = sum ? 0 : 1;
      for (int i = 0; i < n; i++) {
        acc = sum ? acc + f[at + i * step] : acc * f[at + i * step];
        ((float[]) y)[at + i * step] = (float) acc;
      }
    } else if (x instanceof double[] f) {
      double acc = sum ? 0 : 1;
      for (int i = 0; i < n; i++) {
        acc = sum ? acc + f[at + i * step] : acc * f[at + i * step];
        ((double[]) y)[at + i * step] = acc;
      }
    } else {
      long[] f = (long[]) x;
      long acc = sum ? 0 : 1;
      for (int i = 0; i < n; i++) {
        acc = sum ? acc + f[at + i * step] : acc * f[at + i * step];
        ((long[]) y)[at + i * step] = acc;
      }
    }
  }
}
