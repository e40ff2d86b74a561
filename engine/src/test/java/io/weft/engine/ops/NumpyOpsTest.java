package io.weft.engine.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.Symbolic;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Facts about Keras 3.15.1 on TensorFlow that the public recorded cases do not hold. */
class NumpyOpsTest {
  private static Object call(String function, Object... args) {
    PublicOp op = OpTable.function(function);
    return op.call(op.bind(Arrays.asList(args), Map.of()));
  }

  private static Tensor one(String function, Object... args) {
    return (Tensor) call(function, args);
  }

  private static Tensor typed(DType d) {
    return Ops.cast(Tensor.of(new float[] {1, 2, 3}), d);
  }

  @Test
  void dtypesMeetAsInTheBackend() {
    Object[][] facts = {
      {"add", DType.INT8, DType.UINT8, DType.INT16},
      {"add", DType.UINT64, DType.UINT64, DType.UINT32},
      {"multiply", DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32},
      {"divide", DType.INT64, DType.INT32, DType.FLOAT32},
      {"hypot", DType.INT64, DType.INT32, DType.FLOAT64},
      {"arctan2", DType.INT64, DType.INT64, DType.FLOAT32},
      {"dot", DType.INT8, DType.INT8, DType.INT8},
      {"nextafter", DType.INT32, DType.FLOAT16, DType.FLOAT16},
    };
    for (Object[] f : facts) {
      Tensor y = one((String) f[0], typed((DType) f[1]), typed((DType) f[2]));
      assertThat(y.dtype()).as(Arrays.toString(f)).isEqualTo(f[3]);
    }
    Tensor half = typed(DType.FLOAT16);
    assertThat(one("add", half, 2.5).dtype()).isEqualTo(DType.FLOAT16);
    assertThat(one("mod", half, 2.5).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(one("right_shift", typed(DType.INT8), 1L).dtype()).isEqualTo(DType.INT8);
    assertThat(one("cumsum", typed(DType.INT8)).dtype()).isEqualTo(DType.INT8);
    assertThat(one("sum", typed(DType.UINT8)).dtype()).isEqualTo(DType.UINT32);
    Tensor bytes = Ops.cast(Tensor.of(new float[] {100, 100, 100, 100}, 2, 2), DType.INT8);
    Tensor product = one("matmul", bytes, bytes);
    assertThat(product.dtype()).isEqualTo(DType.INT32);
    assertThat(product.toIntArray()).containsOnly(20000);
  }

  @Test
  void slipsOfTheBackendAreKept() {
    assertThat(one("eye", 3L, 5L, 1L).shape()).isEqualTo(Shape.of(4, 6));
    Tensor x = Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3);
    assertThat(one("rot90", x, 2L).toFloatArray()).containsExactly(1, 3, 5, 0, 2, 4);
    assertThat(one("vstack", List.of(x.reshape(-1), x.reshape(-1))).shape())
        .isEqualTo(Shape.of(12));
    assertThat(one("einsum", "ji", x).shape()).isEqualTo(Shape.of(2, 3));
    Tensor nan = Tensor.of(new float[] {Float.NaN, -0f, 0f, Float.NaN});
    assertThat(one("argmax", nan).toIntArray()).containsExactly(2);
    assertThat(one("argmin", nan).toIntArray()).containsExactly(1);
    assertThat(one("cast", Tensor.of(new float[] {1e10f, Float.NaN}), "int32").toIntArray())
        .containsOnly(Integer.MIN_VALUE);
  }

  @Test
  void whatKerasRefusesIsRefused() {
    Tensor x = Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3);
    Tensor far = Tensor.of(new int[] {3});
    assertThatThrownBy(() -> call("take", x, far, 0L)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> call("scatter", Tensor.of(new int[] {-1}, 1, 1), x, List.of(4L, 3L)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> call("clip", far, -0.5, 2L)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> call("arange", 0L, -5L)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> call("gcd", x, far)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> call("diagonal", x, 3L)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> call("split", x, List.of(2L, 1L), 1L))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> call("max", Ops.zeros(Shape.of(0, 3), DType.FLOAT32)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> infer("nonzero", Shape.of(2, 3)))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void unknownSizesFollowFromKnownOnes() {
    int u = Shape.UNKNOWN;
    assertThat(infer("add", Shape.of(u, 3), Shape.of(2, u))).isEqualTo(Shape.of(2, 3));
    assertThat(infer("add", Shape.of(u, 3), Shape.of(u, 1))).isEqualTo(Shape.of(u, 3));
    assertThat(infer("matmul", Shape.of(2, u), Shape.of(3, 4))).isEqualTo(Shape.of(2, 4));
    assertThat(infer("dot", Shape.of(u, 3), Shape.of(u, u, 2))).isEqualTo(Shape.of(u, u, 2));
    assertThatThrownBy(() -> infer("add", Shape.of(u, 3), Shape.of(u, 4)))
        .isInstanceOf(ShapeException.class);
  }

  private static Shape infer(String function, Shape... shapes) {
    List<TensorSpec> in = new ArrayList<>();
    for (Shape s : shapes) {
      in.add(new TensorSpec(s, DType.FLOAT32));
    }
    PublicOp op = OpTable.function(function);
    return Symbolic.inferOp(in, ts -> PublicOp.tensors(op.call(op.bind(ts, Map.of()))))
        .get(0)
        .shape();
  }
}
