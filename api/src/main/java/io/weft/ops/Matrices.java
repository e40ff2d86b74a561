package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Factorization;
import io.weft.tensor.Indexing;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Spectrum;
import io.weft.tensor.Tensor;
import java.util.List;

/** Linear algebra over the last two axes; leading axes are batches. */
public final class Matrices {
  private Matrices() {}

  private static Tensor transposed(Tensor x) {
    return Ops.swapaxes(x, -1, -2);
  }

  private static Tensor square(String function, Tensor x) {
    if (x.rank() < 2 || x.dim(-1) != x.dim(-2)) {
      throw new ShapeException(
          function + ": expected square matrices (..., n, n). Received: " + x.shape());
    }
    return Ops.toFloat(x);
  }

  private static Tensor matrix(String function, Tensor x) {
    if (x.rank() < 2) {
      throw new ShapeException(
          function + ": expected matrices (..., m, n). Received: " + x.shape());
    }
    return Ops.toFloat(x);
  }

  private static Tensor identity(Tensor like) {
    Tensor i = Ops.arange(like.dim(-1));
    Tensor eye = Ops.cast(Ops.equal(i, Ops.expandDims(i, 1)), like.dtype());
    return Ops.broadcastTo(eye, like.shape());
  }

  /** The lower (or upper) factor with x = L·Lᵀ; NaN where x is not positive definite. */
  public static Tensor cholesky(Tensor x, boolean upper) {
    Tensor l = Ops.apply1(new Factorization.Cholesky(), square("cholesky", x));
    return upper ? transposed(l) : l;
  }

  /** The inverse of the matrix whose Cholesky factor is given. */
  public static Tensor choleskyInverse(Tensor factor, boolean upper) {
    Tensor f = square("cholesky_inverse", factor);
    Tensor i = Ops.apply1(new Factorization.TriangularSolve(!upper, false), f, identity(f));
    return upper ? i.matmul(transposed(i)) : transposed(i).matmul(i);
  }

  /** Determinant, its sign, and the logarithm of its size. */
  public static List<Tensor> determinant(Tensor x) {
    return Ops.apply(new Factorization.Determinant(), List.of(square("det", x)));
  }

  /** The logarithm of the determinant of positive definite matrices. */
  public static Tensor logdet(Tensor x) {
    Tensor l = cholesky(square("logdet", x), false);
    Tensor diagonal = Ops.sum(l.times(identity(l)), new int[] {-1}, false);
    return Ops.sum(Ops.log(diagonal), new int[] {-1}, false).times(2);
  }

  public static Tensor inverse(Tensor x) {
    Tensor f = square("inv", x);
    return Ops.apply1(new Factorization.Solve(false), f, identity(f));
  }

  /** Unit-lower and upper factors in one matrix, and for each row of x its row in them. */
  public static List<Tensor> lu(Tensor x) {
    List<Tensor> y = Ops.apply(new Factorization.Lu(), List.of(square("lu_factor", x)));
    Op sort = new Indexing.Sort(false);
    return List.of(y.get(0), Ops.apply(sort, List.of(y.get(1))).get(1));
  }

  public static List<Tensor> qr(Tensor x, boolean complete) {
    return Ops.apply(new Factorization.Qr(complete), List.of(matrix("qr", x)));
  }

  /** u, s and vᵀ with u·diag(s)·vᵀ = x. */
  public static List<Tensor> svd(Tensor x, boolean full) {
    List<Tensor> y = Ops.apply(new Spectrum.Svd(full), List.of(matrix("svd", x)));
    return List.of(y.get(0), y.get(1), transposed(y.get(2)));
  }

  /** Eigenvalues, rising, and eigenvectors of symmetric matrices. */
  public static List<Tensor> eigh(Tensor x) {
    return Ops.apply(new Spectrum.Eigh(), List.of(square("eigh", x)));
  }

  /** Complex eigenvalues and eigenvectors of any square matrices. */
  public static List<Complex> eig(Tensor x) {
    List<Tensor> y = Ops.apply(new Spectrum.Eig(), List.of(square("eig", x)));
    return List.of(new Complex(y.get(0), y.get(1)), new Complex(y.get(2), y.get(3)));
  }

  /** x with a·x = b; b is (..., n, k) or (..., n). */
  public static Tensor solve(Tensor a, Tensor b) {
    return solve("solve", new Factorization.Solve(false), a, b);
  }

  public static Tensor solveTriangular(Tensor a, Tensor b, boolean lower) {
    return solve("solve_triangular", new Factorization.TriangularSolve(lower, false), a, b);
  }

  private static Tensor solve(String function, Op op, Tensor a, Tensor b) {
    List<Tensor> p = Ops.promoted(List.of(square(function, a), Ops.toFloat(b)));
    Tensor m = p.get(0);
    boolean vector = b.rank() == a.rank() - 1;
    Tensor r = vector ? Ops.expandDims(p.get(1), -1) : p.get(1);
    if (r.rank() < 2 || r.dim(-2) != m.dim(-1)) {
      throw new ShapeException(
          function
              + ": expected a (..., n, n) and b (..., n, k) or (..., n). Received: "
              + a.shape()
              + ", "
              + b.shape());
    }
    Shape batch =
        Shape.broadcast(m.shape().slice(0, m.rank() - 2), r.shape().slice(0, r.rank() - 2));
    m = Ops.broadcastTo(m, batch.plus(m.dim(-2), m.dim(-1)));
    r = Ops.broadcastTo(r, batch.plus(r.dim(-2), r.dim(-1)));
    Tensor x = Ops.apply1(op, m, r);
    return vector ? Ops.squeeze(x, -1) : x;
  }

  private static double epsilon(DType d) {
    switch (d) {
      case FLOAT64:
        return 0x1p-52;
      case FLOAT16:
        return 0x1p-10;
      case BFLOAT16:
        return 0x1p-7;
      default:
        return 0x1p-23;
    }
  }

  /** The x of least norm that minimizes ‖a·x − b‖; singular values below rcond·max count as 0. */
  public static Tensor lstsq(Tensor a, Tensor b, Double rcond) {
    if (a.rank() != 2 || b.rank() < 1 || b.rank() > 2 || a.dim(0) != b.dim(0)) {
      throw new ShapeException(
          "lstsq: expected a (m, n) and b (m,) or (m, k). Received: "
              + a.shape()
              + ", "
              + b.shape());
    }
    List<Tensor> p = Ops.promoted(List.of(Ops.toFloat(a), Ops.toFloat(b)));
    Tensor f = p.get(0);
    Tensor r = b.rank() == 1 ? Ops.expandDims(p.get(1), 1) : p.get(1);
    double eps = epsilon(f.dtype());
    double cut = rcond == null ? eps * Math.max(a.dim(0), a.dim(1)) : rcond < 0 ? eps : rcond;
    List<Tensor> usv = svd(f, false);
    Tensor s = usv.get(1);
    Tensor keep = Ops.greaterEqual(s, Ops.max(s, null, true).times(cut));
    Tensor inverse = Ops.expandDims(reciprocals(s, keep), 1);
    Tensor x = transposed(usv.get(2)).matmul(inverse.times(transposed(usv.get(0)).matmul(r)));
    return b.rank() == 1 ? Ops.reshape(x, -1) : x;
  }

  private static Tensor reciprocals(Tensor s, Tensor keep) {
    return Ops.where(keep, Ops.divide(1, Ops.where(keep, s, Ops.onesLike(s))), Ops.zerosLike(s));
  }

  /** How many singular values exceed the tolerance (null: max·max(m, n)·machine epsilon); int32. */
  public static Tensor rank(Tensor x, Object tolerance) {
    Tensor s = svd(matrix("matrix_rank", x), false).get(1);
    int[] last = {-1};
    Tensor t =
        tolerance == null
            ? Ops.max(s, last, true).times(Math.max(x.dim(-2), x.dim(-1)) * epsilon(s.dtype()))
            : tolerance instanceof Tensor w
                ? Ops.cast(w, s.dtype())
                : Tensor.scalar(((Number) tolerance).doubleValue(), s.dtype());
    return Ops.sum(Ops.greater(s, t), last, false);
  }

  /** x multiplied n times with itself; negative n use the inverse. */
  public static Tensor power(Tensor x, int n) {
    Tensor base = n < 0 ? inverse(x) : x;
    if (x.rank() < 2 || x.dim(-1) != x.dim(-2) || n == Integer.MIN_VALUE) {
      throw new ConfigException(
          "matrix_power: expected square matrices. Received: " + x.shape() + ", n=" + n);
    }
    Tensor result = null;
    for (int k = Math.abs(n); k > 0; k >>= 1) {
      if ((k & 1) == 1) {
        result = result == null ? base : result.matmul(base);
      }
      base = k > 1 ? base.matmul(base) : base;
    }
    return result == null ? identity(x) : result;
  }

  /**
   * The Moore–Penrose inverse; singular values up to rcond·max (null: 10·max(m, n)·ε) count as 0.
   */
  public static Tensor pinv(Tensor x, Object rcond) {
    Tensor f = matrix("pinv", x);
    List<Tensor> usv = svd(f, false);
    Tensor s = usv.get(1);
    Tensor top = Ops.max(s, new int[] {-1}, true);
    Tensor cut =
        rcond instanceof Tensor r
            ? top.times(Ops.expandDims(Ops.cast(r, s.dtype()), -1))
            : top.times(
                rcond == null
                    ? 10.0 * Math.max(x.dim(-1), x.dim(-2)) * epsilon(s.dtype())
                    : ((Number) rcond).doubleValue());
    Tensor inverse = reciprocals(s, Ops.greater(s, cut));
    return transposed(usv.get(2)).times(Ops.expandDims(inverse, -2)).matmul(transposed(usv.get(0)));
  }
}
