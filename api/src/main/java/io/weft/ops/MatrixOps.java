package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Movement;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** Diagonals and triangles: functions of {@code keras.ops.numpy} over two axes. */
final class MatrixOps {
  private MatrixOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op("diag", "Diag", "x | k=0", a -> diag(a.tensor("x"), a.integer("k")));
    t.op("diagflat", "Diagflat", "x | k=0", a -> diag(a.tensor("x").reshape(-1), a.integer("k")));
    t.op(
        "diagonal",
        "Diagonal",
        "x | offset=0, axis1=0, axis2=1",
        a -> diagonal(a.tensor("x"), a.integer("offset"), a.integer("axis1"), a.integer("axis2")));
    t.op(
        "trace",
        "Trace",
        "x | offset=0, axis1=0, axis2=1",
        a -> trace(a.tensor("x"), a.integer("offset"), a.integer("axis1"), a.integer("axis2")));
    t.op(
        "tril", "Tril", "x | k=0", a -> triangle(a.tensor("x"), Integer.MIN_VALUE, a.integer("k")));
    t.op(
        "triu", "Triu", "x | k=0", a -> triangle(a.tensor("x"), a.integer("k"), Integer.MAX_VALUE));
    return t.list();
  }

  /** A boolean matrix, true where low ≤ column − row ≤ high. */
  static Tensor band(int rows, int columns, int low, int high) {
    HostArray h = HostArray.zeros(DType.BOOL, Shape.of(rows, columns));
    byte[] b = (byte[]) h.data();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        b[i * columns + j] = (byte) (j - i >= low && j - i <= high ? 1 : 0);
      }
    }
    return Tensor.ofTrusted(h);
  }

  private static Tensor triangle(Tensor x, int low, int high) {
    if (x.rank() < 2) {
      throw new ShapeException("tril, triu: expected matrices (..., m, n). Received: " + x.shape());
    }
    Tensor zero = Tensor.scalar(0, x.dtype());
    return Ops.where(band(x.dim(-2), x.dim(-1), low, high), x, zero);
  }

  /** The diagonal of a matrix, or a matrix with a vector on a diagonal. */
  private static Tensor diag(Tensor x, int k) {
    if (x.rank() == 2) {
      return diagonal(x, k, 0, 1);
    }
    if (x.rank() != 1) {
      throw new ShapeException("diag: expected a vector or a matrix. Received: " + x.shape());
    }
    int n = x.dim(0) + Math.abs(k);
    int start = k >= 0 ? k : -k * n;
    if (x.dim(0) == 0) {
      return Ops.zeros(Shape.of(n, n), x.dtype());
    }
    return Ops.apply1(new Movement.Place(Shape.of(n * n), List.of(start), List.of(n + 1)), x)
        .reshape(n, n);
  }

  private static Tensor trace(Tensor x, int offset, int axis1, int axis2) {
    int rows = x.dim(axis1);
    int columns = x.dim(axis2);
    if (offset == columns || offset == -rows) {
      Shape s = x.shape().withDim(axis1, 0).withDim(axis2, 0);
      return Ops.sum(Ops.zeros(s, x.dtype()), new int[] {axis1, axis2}, false);
    }
    return Ops.sum(diagonal(x, offset, axis1, axis2), new int[] {-1}, false);
  }

  /** The elements (i, i + offset) of two axes, as the last axis. */
  static Tensor diagonal(Tensor x, int offset, int axis1, int axis2) {
    int a = x.shape().axis(axis1);
    int b = x.shape().axis(axis2);
    if (a == b) {
      throw new ConfigException(
          "diagonal: axis1 and axis2 must differ. Received: axis1=" + axis1 + ", axis2=" + axis2);
    }
    Tensor m = ShapeOps.moveaxis(x, new int[] {a, b}, new int[] {-2, -1});
    int rows = m.dim(-2);
    int columns = m.dim(-1);
    Shape lead = m.shape().slice(0, m.rank() - 2);
    int n = Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0));
    if (n == 0 && offset == 0) {
      return Ops.zeros(lead.plus(0), x.dtype());
    }
    if (n <= 0) {
      throw new ConfigException(
          "diagonal: expected an offset inside a matrix of "
              + rows
              + " by "
              + columns
              + ". Received: offset="
              + offset);
    }
    int start = offset >= 0 ? offset : -offset * columns;
    Tensor flat = m.reshape(lead.intSize(), rows * columns);
    int batch = flat.dim(0);
    return Ops.apply1(
            new Movement.Slice(List.of(0, start), List.of(batch, n), List.of(1, columns + 1)), flat)
        .reshape(lead.plus(n).dims());
  }
}
