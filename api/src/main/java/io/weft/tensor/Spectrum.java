package io.weft.tensor;

import java.util.List;

/** Singular values, eigenvalues and Fourier transforms; leading axes are batches. */
public final class Spectrum {
  private Spectrum() {}

  private static Tensor transposed(Tensor x) {
    return Factorization.transposed(x);
  }

  /** 1 / x, and 0 where x is 0. */
  private static Tensor safeReciprocal(Tensor x) {
    return x.divide(Ops.square(x).plus(1e-20));
  }

  /** 1 / (s_j − s_i) off the diagonal, 0 on it. */
  private static Tensor gaps(Tensor s) {
    return safeReciprocal(Ops.subtract(Ops.expandDims(s, -2), Ops.expandDims(s, -1)));
  }

  private static Tensor columnsTimes(Tensor x, Tensor s) {
    return x.times(Ops.expandDims(s, -2));
  }

  /**
   * u, s, v with u·diag(s)·vᵀ = x, s falling. Three outputs: (..., m, n) → (..., m, k), (...,
   * min(m, n)), (..., n, l); k = l = min(m, n), or k = m and l = n if full.
   */
  public record Svd(boolean full) implements Op {
    @Override
    public String name() {
      return "svd";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Shape s = x.shape();
      Rules.require(
          x.dtype().isFloating() && s.rank() >= 2, this, "matrices (..., m, n) of floats", in);
      int m = s.dim(-2);
      int n = s.dim(-1);
      int k = Math.min(m, n);
      Shape batch = s.slice(0, s.rank() - 2);
      return List.of(
          new TensorSpec(batch.plus(m, full ? m : k), x.dtype()),
          new TensorSpec(batch.plus(k), x.dtype()),
          new TensorSpec(batch.plus(n, full ? n : k), x.dtype()));
    }

    /** Townsend, "Differentiating the singular value decomposition" (2016). */
    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor x = v.in(0);
      int k = Math.min(x.dim(-2), x.dim(-1));
      boolean vectors = v.hasDout(0) || v.hasDout(2);
      Rules.require(
          !vectors || !full || x.dim(-2) == x.dim(-1),
          this,
          "reduced factors where gradients of the vectors are wanted",
          List.of(x.spec()));
      Tensor u = columns(v.out(0), k);
      Tensor s = v.out(1);
      Tensor w = columns(v.out(2), k);
      Tensor g = columnsTimes(u, v.dout(1)).matmul(transposed(w));
      if (!vectors) {
        return v.only(g);
      }
      Tensor f = gaps(Ops.square(s));
      if (v.hasDout(0)) {
        Tensor c = transposed(u).matmul(v.dout(0));
        Tensor a = columnsTimes(u.matmul(f.times(c.minus(transposed(c)))), s);
        Tensor rest = columnsTimes(v.dout(0).minus(u.matmul(c)), safeReciprocal(s));
        g = g.plus(a.plus(rest).matmul(transposed(w)));
      }
      if (v.hasDout(2)) {
        Tensor c = transposed(w).matmul(v.dout(2));
        Tensor a = columnsTimes(u, s).matmul(f.times(c.minus(transposed(c))));
        Tensor rest = columnsTimes(u, safeReciprocal(s));
        g = g.plus(a.matmul(transposed(w)));
        g = g.plus(rest.matmul(transposed(v.dout(2).minus(w.matmul(c)))));
      }
      return v.only(g);
    }

    private static Tensor columns(Tensor x, int k) {
      return x.get(Index.ellipsis(), Index.range(0, k));
    }
  }

  /**
   * Rising eigenvalues and orthonormal eigenvectors (columns) of symmetric matrices, of which only
   * the lower triangle is read. Two outputs: (..., n, n) → (..., n), (..., n, n).
   */
  public record Eigh() implements Op {
    @Override
    public String name() {
      return "eigh";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Factorization.square(this, in);
      TensorSpec x = in.get(0);
      return List.of(new TensorSpec(x.shape().slice(0, x.shape().rank() - 1), x.dtype()), x);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor w = v.out(1);
      Tensor g = columnsTimes(w, v.dout(0)).matmul(transposed(w));
      if (v.hasDout(1)) {
        Tensor inner = gaps(v.out(0)).times(transposed(w).matmul(v.dout(1)));
        g = g.plus(w.matmul(inner).matmul(transposed(w)));
      }
      return v.only(Factorization.halvedLower(g.plus(transposed(g))));
    }
  }

  /**
   * Complex eigenvalues and eigenvectors (columns of length 1) of any square matrices. Four
   * outputs: real and imaginary parts of the values (..., n), and of the vectors (..., n, n).
   */
  public record Eig() implements Op {
    @Override
    public String name() {
      return "eig";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Factorization.square(this, in);
      TensorSpec x = in.get(0);
      TensorSpec values = new TensorSpec(x.shape().slice(0, x.shape().rank() - 1), x.dtype());
      return List.of(values, values, x, x);
    }
  }

  /**
   * y_k = Σ_j x_j·e^(∓2πi·jk/n) over the last axis, minus forward and plus inverse, not divided by
   * n. Inputs and outputs are real and imaginary parts of one shape.
   */
  public record Fft(boolean inverse) implements Op {
    @Override
    public String name() {
      return inverse ? "ifft" : "fft";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Rules.require(
          x.equals(in.get(1)) && x.dtype().isFloating() && x.shape().rank() >= 1,
          this,
          "real and imaginary parts of one shape with an axis",
          in);
      return in;
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return Ops.apply(new Fft(!inverse), List.of(v.dout(0), v.dout(1)));
    }
  }
}
