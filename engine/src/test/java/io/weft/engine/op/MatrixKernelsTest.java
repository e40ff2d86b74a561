package io.weft.engine.op;

import static io.weft.engine.op.Gradcheck.checkAll;
import static io.weft.engine.op.Gradcheck.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.BackendException;
import io.weft.tensor.Factorization;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Spectrum;
import io.weft.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Factors multiply back to what they came from, and their derivatives are right. */
class MatrixKernelsTest {
  private static Tensor transposed(Tensor x) {
    return Ops.swapaxes(x, -1, -2);
  }

  private static void same(Tensor x, Tensor y) {
    assertThat(x.shape()).isEqualTo(y.shape());
    assertThat(x.toDoubleArray()).containsExactly(y.toDoubleArray(), Offset.offset(1e-10));
  }

  private static Tensor eye(int n) {
    Tensor i = Ops.arange(n);
    return Ops.cast(Ops.equal(i, Ops.expandDims(i, 1)), random(0, 0, 1).dtype());
  }

  private static void orthonormal(Tensor q) {
    Tensor g = transposed(q).matmul(q);
    same(g, Ops.broadcastTo(eye(q.dim(-1)), g.shape()));
  }

  private static Tensor positive(int n) {
    Tensor x = random(5, -1, 1, 2, n, n);
    return x.matmul(transposed(x)).plus(eye(n).times(0.5));
  }

  @Test
  void choleskyAndSolves() {
    Tensor a = positive(4);
    Tensor l = Ops.apply1(new Factorization.Cholesky(), a);
    same(l.matmul(transposed(l)), a);
    Tensor b = random(2, -1, 1, 2, 4, 3);
    for (boolean t : new boolean[] {false, true}) {
      Tensor x = Ops.apply1(new Factorization.Solve(t), random(7, -1, 1, 2, 4, 4), b);
      Tensor m = random(7, -1, 1, 2, 4, 4);
      same((t ? transposed(m) : m).matmul(x), b);
      for (boolean lower : new boolean[] {false, true}) {
        Tensor f = lower ? l : transposed(l);
        Tensor y = Ops.apply1(new Factorization.TriangularSolve(lower, t), f, b);
        same((t ? transposed(f) : f).matmul(y), b);
        checkAll(
            v -> Ops.apply(new Factorization.TriangularSolve(lower, t), v),
            random(8, 1, 2, 3, 3),
            random(9, -1, 1, 3, 2));
      }
      checkAll(
          v -> Ops.apply(new Factorization.Solve(t), v),
          random(8, -1, 1, 3, 3),
          random(9, -1, 1, 3, 2));
    }
    checkAll(
        v ->
            Ops.apply(
                new Factorization.Cholesky(),
                List.of(v.get(0).matmul(transposed(v.get(0))).plus(eye(3)))),
        random(3, -1, 1, 3, 3));
  }

  @Test
  void singularMatricesAreRefused() {
    assertThatThrownBy(
            () ->
                Ops.apply1(
                    new Factorization.Solve(false),
                    Tensor.of(new double[] {1, 2, 2, 4}, 2, 2),
                    Tensor.of(new double[] {1, 1}, 2, 1)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("singular");
  }

  @Test
  void luAndDeterminant() {
    Tensor a = random(4, -1, 1, 5, 5);
    List<Tensor> lu = Ops.apply(new Factorization.Lu(), List.of(a));
    Tensor rows = Ops.expandDims(Ops.arange(5), 1);
    Tensor zero = Ops.zerosLike(a);
    Tensor below = Ops.where(Ops.less(Ops.arange(5), rows), lu.get(0), zero);
    Tensor upper = Ops.where(Ops.less(Ops.arange(5), rows), zero, lu.get(0));
    same(below.plus(eye(5)).matmul(upper), Ops.take(a, lu.get(1), 0));
    List<Tensor> d = Ops.apply(new Factorization.Determinant(), List.of(a));
    same(d.get(0), d.get(1).times(Ops.exp(d.get(2))));
    checkAll(v -> Ops.apply(new Factorization.Determinant(), v), random(6, -1, 1, 2, 3, 3));
  }

  @ParameterizedTest
  @CsvSource({"5,3", "3,5", "4,4", "1,1", "3,1", "1,3", "20,20"})
  void qrAndSvd(int m, int n) {
    Tensor a = random(11, -1, 1, 2, m, n);
    for (boolean full : new boolean[] {false, true}) {
      List<Tensor> qr = Ops.apply(new Factorization.Qr(full), List.of(a));
      orthonormal(qr.get(0));
      same(qr.get(0).matmul(qr.get(1)), a);
      List<Tensor> usv = Ops.apply(new Spectrum.Svd(full), List.of(a));
      orthonormal(usv.get(0));
      orthonormal(usv.get(2));
    }
    List<Tensor> usv = Ops.apply(new Spectrum.Svd(false), List.of(a));
    Tensor us = usv.get(0).times(Ops.expandDims(usv.get(1), -2));
    same(us.matmul(transposed(usv.get(2))), a);
    if (m < 6) {
      checkAll(v -> Ops.apply(new Factorization.Qr(false), v), random(12, -1, 1, m, n));
      checkAll(v -> Ops.apply(new Spectrum.Svd(false), v), random(12, -1, 1, m, n));
    }
  }

  @Test
  void svdOfDeficientMatrixHasOrthonormalVectors() {
    Tensor a = Tensor.of(new double[] {1, 2, 2, 4, 3, 6}, 3, 2);
    List<Tensor> usv = Ops.apply(new Spectrum.Svd(true), List.of(a));
    orthonormal(usv.get(0));
    orthonormal(usv.get(2));
    assertThat(usv.get(1).toDoubleArray()[1]).isCloseTo(0, Offset.offset(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 6, 17})
  void eigenvectorsOfAnyMatrix(int n) {
    Tensor a = random(21, -1, 1, n, n);
    List<Tensor> e = Ops.apply(new Spectrum.Eig(), List.of(a));
    Tensor re = Ops.expandDims(e.get(0), 0);
    Tensor im = Ops.expandDims(e.get(1), 0);
    Tensor vr = e.get(2);
    Tensor vi = e.get(3);
    same(a.matmul(vr), vr.times(re).minus(vi.times(im)));
    same(a.matmul(vi), vr.times(im).plus(vi.times(re)));
  }

  @Test
  void eigenvectorsOfSymmetricMatrices() {
    Tensor a = positive(5);
    List<Tensor> e = Ops.apply(new Spectrum.Eigh(), List.of(a));
    orthonormal(e.get(1));
    same(a.matmul(e.get(1)), e.get(1).times(Ops.expandDims(e.get(0), -2)));
    // the upper triangle is not read
    Tensor rows = Ops.expandDims(Ops.arange(5), 1);
    Tensor lower = Ops.where(Ops.lessEqual(Ops.arange(5), rows), a, Ops.onesLike(a));
    same(Ops.apply(new Spectrum.Eigh(), List.of(lower)).get(0), e.get(0));
    checkAll(v -> Ops.apply(new Spectrum.Eigh(), v), random(14, -1, 1, 3, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 12, 31, 64})
  void fourierTransformOfEveryLength(int n) {
    Tensor re = random(31, -1, 1, 2, n);
    Tensor im = random(32, -1, 1, 2, n);
    for (boolean inverse : new boolean[] {false, true}) {
      Op fft = new Spectrum.Fft(inverse);
      Tensor angle = random(0, 0, 0, n, n);
      Tensor k = Ops.cast(Ops.arange(n), re.dtype());
      angle = k.times(Ops.expandDims(k, 1)).times((inverse ? 2 : -2) * Math.PI / n).plus(angle);
      List<Tensor> y = Ops.apply(fft, List.of(re, im));
      same(y.get(0), re.matmul(Ops.cos(angle)).minus(im.matmul(Ops.sin(angle))));
      same(y.get(1), re.matmul(Ops.sin(angle)).plus(im.matmul(Ops.cos(angle))));
      checkAll(v -> Ops.apply(fft, v), re, im);
    }
  }
}
