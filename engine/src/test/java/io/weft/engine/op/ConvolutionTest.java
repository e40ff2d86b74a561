package io.weft.engine.op;

import static io.weft.engine.op.Gradcheck.check;
import static io.weft.engine.op.Gradcheck.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.error.ShapeException;
import io.weft.tensor.Convolution;
import io.weft.tensor.Convolution.Geometry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Pooling;
import io.weft.tensor.Pooling.Windows;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvolutionTest {
  private static int[] a(int... v) {
    return v;
  }

  private static Tensor gradient(java.util.function.Function<Tensor, Tensor> f, Tensor x) {
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = f.apply(x);
      return tape.gradients(List.of(y), List.of(random(7, 0, 1, y.shape().dims())), List.of(x))
          .get(0);
    }
  }

  @Test
  void gradientsOfFirstAndSecondOrder() {
    Geometry[] g = {
      Geometry.of("same", a(5), a(3), a(2), a(1), 2),
      Geometry.of("causal", a(5), a(2), a(1), a(2), 1),
      new Geometry(List.of(2), List.of(1), List.of(3), List.of(1), 4)
    };
    for (Geometry one : g) {
      int k = one.dilation().get(0) == 2 ? 2 : 3;
      Tensor x = random(1, -1, 1, 2, 5, 4);
      Tensor w = random(2, -1, 1, k, 4 / one.groups(), 4);
      check(t -> Convolution.conv(one, t.get(0), t.get(1)), x, w);
      check(t -> gradient(u -> Ops.square(Convolution.conv(one, u, t.get(1))), t.get(0)), x, w);
      check(t -> gradient(u -> Ops.square(Convolution.conv(one, t.get(0), u)), t.get(1)), x, w);
    }
    Geometry two = Geometry.of("valid", a(4, 5), a(2, 3), a(1, 2), a(1, 1), 1);
    check(
        t -> Convolution.conv(two, t.get(0), t.get(1)),
        random(1, -1, 1, 2, 4, 5, 2),
        random(2, -1, 1, 2, 3, 2, 3));
  }

  @Test
  void floatAndHalfAgreeWithDouble() {
    Geometry g = Geometry.of("same", a(4, 5, 3), a(2, 3, 2), a(1, 2, 1), a(1, 1, 1), 2);
    Tensor x = random(1, -1, 1, 2, 4, 5, 3, 4);
    Tensor w = random(2, -1, 1, 2, 3, 2, 2, 6);
    double[] want = Convolution.conv(g, x, w).toDoubleArray();
    for (DType d : new DType[] {DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16}) {
      double[] got = Convolution.conv(g, Ops.cast(x, d), Ops.cast(w, d)).toDoubleArray();
      double bound = d == DType.FLOAT32 ? 1e-5 : d == DType.FLOAT16 ? 0.02 : 0.15;
      for (int i = 0; i < got.length; i++) {
        assertThat(Math.abs(got[i] - want[i])).isLessThan(bound);
      }
    }
  }

  @Test
  void poolingGradients() {
    Windows w = Windows.of("same", a(5, 4), a(3, 2), a(2, 1));
    Tensor x = random(1, -1, 1, 2, 5, 4, 3);
    for (boolean max : new boolean[] {true, false}) {
      check(t -> Ops.apply1(new Pooling.Pool(max, w), t.get(0)), x);
      check(t -> gradient(u -> Ops.square(Ops.apply1(new Pooling.Pool(max, w), u)), t.get(0)), x);
      float[] f = Ops.apply1(new Pooling.Pool(max, w), Ops.cast(x, DType.FLOAT32)).toFloatArray();
      double[] d = Ops.apply1(new Pooling.Pool(max, w), x).toDoubleArray();
      for (int i = 0; i < f.length; i++) {
        assertThat((double) f[i]).isCloseTo(d[i], org.assertj.core.data.Offset.offset(1e-6));
      }
    }
  }

  @Test
  void paddingIsNotCounted() {
    Windows w = Windows.of("same", a(3), a(2), a(2));
    Tensor x = Tensor.of(new float[] {-1, -3, -5}, 1, 3, 1);
    assertThat(Ops.apply1(new Pooling.Pool(false, w), x).toFloatArray()).containsExactly(-2, -5);
    assertThat(Ops.apply1(new Pooling.Pool(true, w), x).toFloatArray()).containsExactly(-1, -5);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Geometry g = Geometry.of("valid", a(2), a(3), a(1), a(1), 1);
    assertThatThrownBy(
            () ->
                Convolution.conv(
                    g,
                    Ops.zeros(Shape.of(1, 2, 1), DType.FLOAT32),
                    Ops.zeros(Shape.of(3, 1, 1), DType.FLOAT32)))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("conv: expected a kernel no larger than the padded input.");
    assertThat(
            Convolution.conv(
                    Geometry.of("same", a(2), a(3), a(1), a(1), 1),
                    Ops.zeros(Shape.of(0, 2, 1), DType.FLOAT32),
                    Ops.zeros(Shape.of(3, 1, 5), DType.FLOAT32))
                .shape())
        .isEqualTo(Shape.of(0, 2, 5));
  }
}
