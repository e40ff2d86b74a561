package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.error.ConfigException;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Functions of {@code keras.ops.linalg}, and {@code logdet} of {@code keras.ops.math}. */
final class LinalgOps {
  private LinalgOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(
        linalg(
            "cholesky",
            "Cholesky",
            "x | upper=False",
            a -> finite(Matrices.cholesky(a.tensor("x"), a.bool("upper")))));
    t.add(
        linalg(
            "cholesky_inverse",
            "CholeskyInverse",
            "x | upper=False",
            a -> Matrices.choleskyInverse(a.tensor("x"), a.bool("upper"))));
    t.add(linalg("det", "Det", "x", a -> Matrices.determinant(a.tensor("x")).get(0)));
    t.add(of("logdet", "math", "Logdet", "x", a -> Matrices.logdet(a.tensor("x"))));
    t.add(linalg("inv", "Inv", "x", a -> Matrices.inverse(a.tensor("x"))));
    t.add(linalg("lu_factor", "LuFactor", "x", a -> Matrices.lu(a.tensor("x"))));
    t.add(
        linalg(
            "qr",
            "Qr",
            "x | mode=\"reduced\"",
            a -> {
              String mode = a.string("mode");
              if (!mode.equals("reduced") && !mode.equals("complete")) {
                throw new ConfigException(
                    "qr: mode must be 'reduced' or 'complete'. Received: mode='" + mode + "'");
              }
              return Matrices.qr(a.tensor("x"), mode.equals("complete"));
            }));
    t.add(
        linalg(
            "svd",
            "SVD",
            "x | full_matrices=True, compute_uv=True",
            a -> {
              Tensor x = a.tensor("x");
              return a.bool("compute_uv")
                  ? Matrices.svd(x, a.bool("full_matrices"))
                  : Matrices.svd(x, false).get(1);
            }));
    t.add(linalg("eigh", "Eigh", "x", a -> Matrices.eigh(a.tensor("x"))));
    t.add(linalg("eig", "Eig", "x", a -> Matrices.eig(a.tensor("x"))));
    t.add(linalg("solve", "Solve", "a, b", a -> Matrices.solve(a.tensor("a"), a.tensor("b"))));
    t.add(
        linalg(
            "solve_triangular",
            "SolveTriangular",
            "a, b | lower=False",
            a -> Matrices.solveTriangular(a.tensor("a"), a.tensor("b"), a.bool("lower"))));
    t.add(
        linalg(
            "lstsq",
            "Lstsq",
            "a, b | rcond=None",
            a -> Matrices.lstsq(a.tensor("a"), a.tensor("b"), a.numberOrNull("rcond"))));
    t.add(
        linalg(
            "matrix_rank",
            "MatrixRank",
            "x | tol=None",
            a -> Matrices.rank(a.tensor("x"), threshold(a, "tol"))));
    t.add(
        linalg(
            "matrix_power",
            "MatrixPower",
            "x | n",
            a -> Matrices.power(a.tensor("x"), a.integer("n"))));
    t.add(
        linalg(
            "pinv",
            "Pinv",
            "x | rcond=None",
            a -> Matrices.pinv(a.tensor("x"), threshold(a, "rcond"))));
    t.add(
        linalg(
            "norm",
            "Norm",
            "x | ord=None, axis=None, keepdims=False",
            a -> Norms.norm(a.tensor("x"), a.raw("ord"), a.ints("axis"), a.bool("keepdims"))));
    return t;
  }

  /** A number, a tensor or null. */
  private static Object threshold(OpArgs a, String name) {
    return a.raw(name) instanceof Tensor t ? t : a.numberOrNull(name);
  }

  /** Refuses a factor with NaN, where its numbers can be seen. */
  private static Tensor finite(Tensor factor) {
    if (factor instanceof ArrayTensor) {
      HostArray h = factor.toHostArray();
      for (int i = 0; i < h.size(); i++) {
        if (Double.isNaN(h.doubleAt(i))) {
          throw new ConfigException(
              "cholesky: expected positive definite matrices. Received: one that is not");
        }
      }
    }
    return factor;
  }

  private static PublicOp linalg(
      String function, String className, String signature, PublicOp.Body body) {
    return of(function, "linalg", className, signature, body);
  }
}
