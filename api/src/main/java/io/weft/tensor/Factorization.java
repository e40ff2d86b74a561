package io.weft.tensor;

import java.util.Arrays;
import java.util.List;

/** Triangular factors of matrices and what is solved with them; leading axes are batches. */
public final class Factorization {
  private Factorization() {}

  static void square(Op op, List<TensorSpec> in) {
    Shape s = in.get(0).shape();
    Rules.require(
        in.get(0).dtype().isFloating() && s.rank() >= 2 && s.dim(-1) == s.dim(-2),
        op,
        "square matrices (..., n, n) of floats",
        in);
  }

  /** The lower triangle of square matrices, zeros above the diagonal. */
  static Tensor lowerPart(Tensor x) {
    Tensor rows = Ops.expandDims(Ops.arange(x.dim(-2)), 1);
    return Ops.where(Ops.lessEqual(Ops.arange(x.dim(-1)), rows), x, Ops.zerosLike(x));
  }

  /** The lower triangle of square matrices with half of the diagonal. */
  static Tensor halvedLower(Tensor x) {
    Tensor rows = Ops.expandDims(Ops.arange(x.dim(-2)), 1);
    Tensor halved = Ops.where(Ops.equal(Ops.arange(x.dim(-1)), rows), x.times(0.5), x);
    return lowerPart(halved);
  }

  static Tensor transposed(Tensor x) {
    return Ops.swapaxes(x, -1, -2);
  }

  static Tensor identity(int n, DType dtype) {
    Tensor i = Ops.arange(n);
    return Ops.cast(Ops.equal(i, Ops.expandDims(i, 1)), dtype);
  }

  /**
   * The lower L with L·Lᵀ = x, of which only the lower triangle is read. NaN where x is not
   * positive definite. (..., n, n) → (..., n, n).
   */
  public record Cholesky() implements Op {
    @Override
    public String name() {
      return "cholesky";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      square(this, in);
      return in;
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor l = v.out(0);
      Tensor middle = halvedLower(transposed(l).matmul(v.dout(0)));
      Op solve = new TriangularSolve(true, true);
      Tensor left = Ops.apply1(solve, l, middle);
      Tensor g = transposed(Ops.apply1(solve, l, transposed(left)));
      return v.only(g.plus(transposed(g)).times(0.5));
    }
  }

  /**
   * x with op(a)·x = b, a triangular, op transposing where the flag says so; the other triangle of
   * a is not read. (..., n, n), (..., n, k) → (..., n, k).
   */
  public record TriangularSolve(boolean lower, boolean transpose) implements Op {
    @Override
    public String name() {
      return "solve_triangular";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return solution(this, in);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor db = Ops.apply1(new TriangularSolve(lower, !transpose), v.in(0), v.dout(0));
      Tensor da = solveGradient(db, v.out(0), transpose);
      return Arrays.asList(lower ? lowerPart(da) : transposed(lowerPart(transposed(da))), db);
    }
  }

  private static Tensor solveGradient(Tensor db, Tensor x, boolean transpose) {
    Tensor g = transpose ? x.matmul(transposed(db)) : db.matmul(transposed(x));
    return Ops.negative(g);
  }

  private static List<TensorSpec> solution(Op op, List<TensorSpec> in) {
    square(op, in);
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    Rules.require(
        a.rank() == b.rank()
            && a.slice(0, a.rank() - 1).equals(b.slice(0, b.rank() - 1))
            && in.get(0).dtype() == in.get(1).dtype(),
        op,
        "a (..., n, n) and b (..., n, k) of one dtype",
        in);
    return List.of(in.get(1));
  }

  /** x with op(a)·x = b by elimination with row exchanges. (..., n, n), (..., n, k) → b's shape. */
  public record Solve(boolean transpose) implements Op {
    @Override
    public String name() {
      return "solve";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return solution(this, in);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor db = Ops.apply1(new Solve(!transpose), v.in(0), v.dout(0));
      return Arrays.asList(solveGradient(db, v.out(0), transpose), db);
    }
  }

  /**
   * Unit-lower and upper factors in one matrix, and the int32 row order: row i of L·U is row {@code
   * order[i]} of x. Two outputs: (..., n, n), (..., n).
   */
  public record Lu() implements Op {
    @Override
    public String name() {
      return "lu_factor";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      square(this, in);
      TensorSpec x = in.get(0);
      return List.of(x, new TensorSpec(x.shape().slice(0, x.shape().rank() - 1), DType.INT32));
    }
  }

  /** Determinant, its sign, and the logarithm of its size. Three outputs: (..., n, n) → (...). */
  public record Determinant() implements Op {
    @Override
    public String name() {
      return "det";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      square(this, in);
      TensorSpec x = in.get(0);
      TensorSpec y = new TensorSpec(x.shape().slice(0, x.shape().rank() - 2), x.dtype());
      return List.of(y, y, y);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor d = v.hasDout(0) ? v.dout(0).times(v.out(0)) : null;
      if (v.hasDout(2)) {
        d = d == null ? v.dout(2) : d.plus(v.dout(2));
      }
      if (d == null) {
        return v.only(null);
      }
      Tensor x = v.in(0);
      Tensor eye = Ops.broadcastTo(identity(x.dim(-1), x.dtype()), x.shape());
      Tensor inverse = Ops.apply1(new Solve(true), x, eye);
      return v.only(inverse.times(Ops.expandDims(Ops.expandDims(d, -1), -1)));
    }
  }

  /**
   * Orthonormal q and upper r with q·r = x, by Householder reflections. Two outputs: (..., m, n) →
   * (..., m, k), (..., k, n) with k = min(m, n), or k = m if complete.
   */
  public record Qr(boolean complete) implements Op {
    @Override
    public String name() {
      return "qr";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Shape s = x.shape();
      Rules.require(
          x.dtype().isFloating() && s.rank() >= 2, this, "matrices (..., m, n) of floats", in);
      int k = complete ? s.dim(-2) : Math.min(s.dim(-2), s.dim(-1));
      return List.of(
          new TensorSpec(s.withDim(-1, k), x.dtype()), new TensorSpec(s.withDim(-2, k), x.dtype()));
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor q = v.out(0);
      Tensor r = v.out(1);
      int m = r.dim(-2);
      int n = r.dim(-1);
      if (m >= n) {
        Rules.require(
            !complete || m == n,
            this,
            "reduced factors where gradients are wanted",
            List.of(v.in(0).spec()));
        return v.only(deep(q, r, v.dout(0), v.dout(1)));
      }
      Tensor dv = columns(v.dout(1), m, n);
      Tensor y = columns(v.in(0), m, n);
      Tensor dq = v.dout(0).plus(y.matmul(transposed(dv)));
      Tensor dx = deep(q, columns(r, 0, m), dq, columns(v.dout(1), 0, m));
      return v.only(Ops.concatenate(List.of(dx, q.matmul(dv)), -1));
    }

    private static Tensor columns(Tensor x, int from, int to) {
      return x.get(Index.ellipsis(), Index.range(from, to));
    }

    private static Tensor deep(Tensor q, Tensor r, Tensor dq, Tensor dr) {
      Tensor qdq = transposed(q).matmul(dq);
      Tensor rdr = r.matmul(transposed(dr));
      Tensor low = lowerPart(qdq.minus(transposed(qdq)).plus(rdr).minus(transposed(rdr)));
      Tensor a = q.matmul(dr.plus(rightSolve(low, r)));
      return a.plus(rightSolve(dq.minus(q.matmul(qdq)), r));
    }

    /** x·r⁻ᵀ. */
    private static Tensor rightSolve(Tensor x, Tensor r) {
      return transposed(Ops.apply1(new TriangularSolve(false, false), r, transposed(x)));
    }
  }
}
