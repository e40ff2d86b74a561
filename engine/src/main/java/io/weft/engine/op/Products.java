package io.weft.engine.op;

import io.weft.engine.gemm.DoubleGemm;
import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.IntegerGemm;
import io.weft.engine.gemm.PackedB;
import io.weft.tensor.Linalg;
import io.weft.tensor.Shape;

/**
 * The matrix products of one op: sizes, where each matrix of the broadcast batch starts, and the
 * strides of rows and columns. A batch over one right-hand matrix is one product of more rows.
 */
record Products(
    int m,
    int n,
    int k,
    int[] aStarts,
    int[] bStarts,
    int aRow,
    int aColumn,
    int bRow,
    int bColumn) {

  static Products of(Linalg.MatMul op, Shape a, Shape b, Shape y) {
    int m = y.dim(-2);
    int n = y.dim(-1);
    int k = a.dim(op.transposeA() ? -2 : -1);
    Shape batch = y.slice(0, y.rank() - 2);
    int[] as = starts(a, batch);
    int[] bs = starts(b, batch);
    if (!op.transposeA() && b.size() == (long) k * n && a.size() == (long) m * k * as.length) {
      m *= as.length;
      as = new int[] {0};
      bs = new int[] {0};
    }
    return new Products(
        m,
        n,
        k,
        as,
        bs,
        op.transposeA() ? 1 : k,
        op.transposeA() ? m : 1,
        op.transposeB() ? 1 : n,
        op.transposeB() ? k : 1);
  }

  /** Where each matrix of the broadcast batch starts. */
  private static int[] starts(Shape x, Shape batch) {
    int[] s = Strides.broadcast(x.slice(0, x.rank() - 2), batch);
    int matrix = x.product(x.rank() - 2, x.rank());
    int[] r = new int[batch.intSize()];
    for (int i = 0; i < r.length; i++) {
      int rest = i;
      for (int j = batch.rank() - 1; j >= 0; j--) {
        r[i] += rest % batch.dim(j) * s[j] * matrix;
        rest /= batch.dim(j);
      }
    }
    return r;
  }

  /** The distance of neighbors if it is the same everywhere, or −1. */
  private static int step(int[] starts) {
    int d = starts.length > 1 ? starts[1] - starts[0] : 0;
    for (int i = 1; i < starts.length; i++) {
      if (starts[i] - starts[i - 1] != d) {
        return -1;
      }
    }
    return d;
  }

  void floats(float[] a, float[] b, float[] y, Epilogue epilogue) {
    int count = aStarts.length;
    int sa = step(aStarts);
    int sb = step(bStarts);
    if (count > 0 && sa >= 0 && sb >= 0) {
      Gemm.multiplyBatch(
          count, sa, sb, m * n, m, n, k, a, 0, aRow, aColumn, b, 0, bRow, bColumn, y, 0, n, false,
          epilogue);
      return;
    }
    for (int i = 0; i < count; i++) {
      Gemm.multiply(
          m,
          n,
          k,
          a,
          aStarts[i],
          aRow,
          aColumn,
          b,
          bStarts[i],
          bRow,
          bColumn,
          y,
          i * m * n,
          n,
          false,
          epilogue);
    }
  }

  /** How the right-hand matrix is packed where one serves the whole product; else null. */
  Packing packing() {
    boolean one = aStarts.length == 1 && bStarts[0] == 0;
    return one && Gemm.isPacked(m, n, k, bColumn) ? new Packing(k, n, bRow, bColumn) : null;
  }

  void packed(float[] a, PackedB b, float[] y, Epilogue epilogue) {
    Gemm.multiplyPacked(m, a, aStarts[0], aRow, aColumn, b, y, 0, n, false, epilogue);
  }

  /** Packs a right-hand matrix. */
  record Packing(int k, int n, int row, int column) implements Kernel.Preparation {
    @Override
    public Object of(Object array) {
      return Gemm.pack(k, n, (float[]) array, 0, row, column);
    }
  }

  void doubles(double[] a, double[] b, double[] y) {
    for (int i = 0; i < aStarts.length; i++) {
      DoubleGemm.multiply(
          m,
          n,
          k,
          a,
          aStarts[i],
          aRow,
          aColumn,
          b,
          bStarts[i],
          bRow,
          bColumn,
          y,
          i * m * n,
          n,
          false);
    }
  }

  void ints(int[] a, int[] b, int[] y) {
    for (int i = 0; i < aStarts.length; i++) {
      IntegerGemm.multiply(
          m, n, k, a, aStarts[i], aRow, aColumn, b, bStarts[i], bRow, bColumn, y, i * m * n, n);
    }
  }

  void longs(long[] a, long[] b, long[] y) {
    for (int q = 0; q < aStarts.length; q++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          long sum = 0;
          for (int l = 0; l < k; l++) {
            sum += a[aStarts[q] + i * aRow + l * aColumn] * b[bStarts[q] + l * bRow + j * bColumn];
          }
          y[(q * m + i) * n + j] = sum;
        }
      }
    }
  }
}
