package io.weft.engine.op;

import static io.weft.engine.op.Gradcheck.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ShapeException;
import io.weft.fused.AdamStep;
import io.weft.fused.AdamStep.Given;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel of Adam's step has the bits of the plain ops. */
class AdamStepTest {
  private static Tensor numbers(long seed, double low, double high, int... shape) {
    return Ops.cast(random(seed, low, high, shape), DType.FLOAT32);
  }

  private static List<Tensor> inputs(Given given, int rows, int width, Tensor gradient) {
    List<Tensor> in = new ArrayList<>();
    in.add(numbers(1, -1, 1, rows, width));
    in.add(numbers(2, -1, 1, rows, width));
    in.add(numbers(3, 0, 1, rows, width));
    if (given.ofSlices()) {
      int[] at = {0, rows - 1, -1, rows / 2, rows - 1, rows + 5, 0, -rows};
      in.add(Tensor.of(at, 2, 4));
      in.add(gradient == null ? numbers(4, -1, 1, 2, 4, width) : gradient);
    } else {
      in.add(gradient == null ? numbers(4, -1, 1, rows, width) : gradient);
    }
    if (given == Given.SQUARE_TOO) {
      in.add(numbers(5, 0, 1, rows, width));
    }
    in.add(Tensor.scalar(0.03f));
    return in;
  }

  private static void check(AdamStep op, List<Tensor> in) {
    List<Tensor> got = Ops.apply(op, in);
    List<Tensor> want = op.decompose(in);
    for (int i = 0; i < 3; i++) {
      assertThat(got.get(i).toFloatArray()).containsExactly(want.get(i).toFloatArray());
    }
  }

  @ParameterizedTest
  @EnumSource(Given.class)
  void hasTheBitsOfPlainOps(Given given) {
    AdamStep op = new AdamStep(0.9, 0.999, 1e-7, given);
    for (int[] size : new int[][] {{1, 1}, {3, 5}, {7, 33}, {200, 100}, {2, 40000}}) {
      check(op, inputs(given, size[0], size[1], null));
    }
  }

  @ParameterizedTest
  @ValueSource(
      floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, 1e-40f})
  void strangeGradientsComeThrough(float g) {
    Tensor dense = Ops.full(Shape.of(3, 21), g, DType.FLOAT32);
    check(new AdamStep(0.9, 0.999, 1e-7, Given.GRADIENT), inputs(Given.GRADIENT, 3, 21, dense));
    Tensor slices = Ops.full(Shape.of(2, 4, 21), g, DType.FLOAT32);
    check(new AdamStep(0.9, 0.999, 1e-7, Given.SLICES), inputs(Given.SLICES, 6, 21, slices));
  }

  @Test
  void otherDtypesGoByPlainOps() {
    AdamStep op = new AdamStep(0.9, 0.999, 1e-7, Given.GRADIENT);
    for (DType d : new DType[] {DType.FLOAT64, DType.BFLOAT16}) {
      List<Tensor> in = new ArrayList<>();
      inputs(Given.GRADIENT, 3, 5, null).forEach(t -> in.add(Ops.cast(t, d)));
      check(op, in);
    }
  }

  @Test
  void emptyWeightsStayEmpty() {
    for (int[] size : new int[][] {{0, 4}, {4, 0}}) {
      AdamStep op = new AdamStep(0.9, 0.999, 1e-7, Given.GRADIENT);
      assertThat(Ops.apply(op, inputs(Given.GRADIENT, size[0], size[1], null)).get(0).shape())
          .isEqualTo(Shape.of(size));
    }
    AdamStep slices = new AdamStep(0.9, 0.999, 1e-7, Given.SLICES);
    check(slices, inputs(Given.SLICES, 4, 0, null));
    assertThatThrownBy(() -> Ops.apply(slices, inputs(Given.SLICES, 0, 4, null)))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void refusesOtherShapes() {
    List<Tensor> in = inputs(Given.SLICES, 6, 21, numbers(9, 0, 1, 2, 4, 20));
    assertThatThrownBy(() -> Ops.apply(new AdamStep(0.9, 0.999, 1e-7, Given.SLICES), in))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("adam_step");
  }
}
