package io.weft.engine.op;

import io.weft.engine.linalg.ComplexEigen;
import io.weft.engine.linalg.Fft;
import io.weft.engine.linalg.Orthogonal;
import io.weft.engine.linalg.Triangular;
import io.weft.error.BackendException;
import io.weft.tensor.DType;
import io.weft.tensor.Factorization;
import io.weft.tensor.Op;
import io.weft.tensor.Spectrum;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of decompositions and Fourier transforms: matrix by matrix, in double precision. */
final class MatrixKernels {
  private MatrixKernels() {}

  /** Computes with one matrix (or row) of each input; fills one of each output. */
  private interface Body {
    void run(double[][] in, double[][] out);
  }

  static void register(Kernels k) {
    k.put(Factorization.Cholesky.class, MatrixKernels::cholesky);
    k.put(Factorization.TriangularSolve.class, MatrixKernels::triangularSolve);
    k.put(Factorization.Solve.class, MatrixKernels::solve);
    k.put(Factorization.Lu.class, MatrixKernels::lu);
    k.put(Factorization.Determinant.class, MatrixKernels::determinant);
    k.put(Factorization.Qr.class, MatrixKernels::qr);
    k.put(Spectrum.Svd.class, MatrixKernels::svd);
    k.put(Spectrum.Eigh.class, MatrixKernels::eigh);
    k.put(Spectrum.Eig.class, MatrixKernels::eig);
    k.put(Spectrum.Fft.class, MatrixKernels::fft);
  }

  /** Runs a body over the batch; the last {@code inner} axes of the first input are one piece. */
  private static Kernel batched(List<TensorSpec> in, List<TensorSpec> out, int inner, Body body) {
    TensorSpec first = in.get(0);
    int batches = first.shape().product(0, first.shape().rank() - inner);
    int[] inSize = sizes(in, batches);
    int[] outSize = sizes(out, batches);
    return (a, y) -> {
      double[][] x = pieces(inSize);
      double[][] r = pieces(outSize);
      for (int b = 0; b < batches; b++) {
        for (int i = 0; i < x.length; i++) {
          read(in.get(i).dtype(), a[i], b * inSize[i], x[i]);
        }
        body.run(x, r);
        for (int i = 0; i < r.length; i++) {
          write(out.get(i).dtype(), r[i], y[i], b * outSize[i]);
        }
      }
    };
  }

  private static int[] sizes(List<TensorSpec> specs, int batches) {
    return specs.stream().mapToInt(s -> batches == 0 ? 0 : s.shape().intSize() / batches).toArray();
  }

  private static double[][] pieces(int[] sizes) {
    double[][] x = new double[sizes.length][];
    for (int i = 0; i < x.length; i++) {
      x[i] = new double[sizes[i]];
    }
    return x;
  }

  static void read(DType d, Object x, int from, double[] to) {
    if (d == DType.FLOAT64) {
      System.arraycopy(x, from, to, 0, to.length);
      return;
    }
    float[] f = new float[to.length];
    Registers.load(d, x, from, f, 0, f.length);
    for (int i = 0; i < f.length; i++) {
      to[i] = f[i];
    }
  }

  static void write(DType d, double[] x, Object y, int to) {
    if (d == DType.FLOAT64) {
      System.arraycopy(x, 0, y, to, x.length);
    } else if (d == DType.INT32) {
      for (int i = 0; i < x.length; i++) {
        ((int[]) y)[to + i] = (int) x[i];
      }
    } else {
      float[] f = new float[x.length];
      for (int i = 0; i < f.length; i++) {
        f[i] = (float) x[i];
      }
      Registers.store(d, f, 0, y, to, f.length);
    }
  }

  private static Kernel cholesky(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          System.arraycopy(x[0], 0, y[0], 0, n * n);
          Triangular.cholesky(y[0], n);
        });
  }

  private static Kernel triangularSolve(
      Factorization.TriangularSolve op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    int k = in.get(1).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          System.arraycopy(x[1], 0, y[0], 0, n * k);
          Triangular.solve(x[0], n, y[0], k, op.lower(), op.transpose());
        });
  }

  private static Kernel solve(Factorization.Solve op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    int k = in.get(1).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          int[] order = new int[n];
          Triangular.lu(x[0], n, order);
          double[] r = Triangular.solve(x[0], order, n, x[1], k, op.transpose());
          if (r == null) {
            throw new BackendException(
                "solve: expected an invertible matrix. Received: a singular one");
          }
          System.arraycopy(r, 0, y[0], 0, n * k);
        });
  }

  private static Kernel lu(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          int[] order = new int[n];
          System.arraycopy(x[0], 0, y[0], 0, n * n);
          Triangular.lu(y[0], n, order);
          for (int i = 0; i < n; i++) {
            y[1][i] = order[i];
          }
        });
  }

  private static Kernel determinant(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          double sign = Triangular.lu(x[0], n, new int[n]);
          double det = sign;
          double log = 0;
          for (int i = 0; i < n; i++) {
            double d = x[0][i * n + i];
            det *= d;
            sign *= Math.signum(d);
            log += Math.log(Math.abs(d));
          }
          y[0][0] = det;
          y[1][0] = sign;
          y[2][0] = log;
        });
  }

  private static Kernel qr(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int m = in.get(0).shape().dim(-2);
    int n = in.get(0).shape().dim(-1);
    int k = out.get(0).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          columns(Orthogonal.qr(x[0], m, n), m, m, k, y[0]);
          System.arraycopy(x[0], 0, y[1], 0, k * n);
        });
  }

  /** The first k of the columns of x (m, n). */
  private static void columns(double[] x, int m, int n, int k, double[] y) {
    for (int i = 0; i < m; i++) {
      System.arraycopy(x, i * n, y, i * k, k);
    }
  }

  private static Kernel svd(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int m = in.get(0).shape().dim(-2);
    int n = in.get(0).shape().dim(-1);
    int ku = out.get(0).shape().dim(-1);
    int kv = out.get(2).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) -> {
          Orthogonal.Svd r = Orthogonal.svd(x[0], m, n);
          columns(r.u(), m, m, ku, y[0]);
          System.arraycopy(r.s(), 0, y[1], 0, r.s().length);
          columns(r.v(), n, n, kv, y[2]);
        });
  }

  private static Kernel eigh(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    return batched(
        in, out, 2, (x, y) -> System.arraycopy(Orthogonal.eigh(x[0], n, y[1]), 0, y[0], 0, n));
  }

  private static Kernel eig(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    return batched(
        in,
        out,
        2,
        (x, y) ->
            ComplexEigen.of(x[0], n, new double[][] {y[0], y[1]}, new double[][] {y[2], y[3]}));
  }

  private static Kernel fft(Spectrum.Fft op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    Fft fft = new Fft(n);
    return batched(
        in,
        out,
        1,
        (x, y) -> {
          fft.run(x[0], x[1], op.inverse());
          System.arraycopy(x[0], 0, y[0], 0, n);
          System.arraycopy(x[1], 0, y[1], 0, n);
        });
  }
}
