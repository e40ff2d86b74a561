package io.weft.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ConfigException;
import io.weft.error.UnsupportedFeatureException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpTableTest {
  /** All of keras.ops.numpy and keras.ops.core but the functions that take functions. */
  private static final String FUNCTIONS =
      "abs absolute add all allclose amax amin angle any append arange arccos arccosh arcsin"
          + " arcsinh arctan arctan2 arctanh argmax argmin argpartition argsort array array_split"
          + " average bartlett bincount bitwise_and bitwise_invert bitwise_left_shift bitwise_not"
          + " bitwise_or bitwise_right_shift bitwise_xor blackman broadcast_to cbrt ceil clip"
          + " column_stack concatenate conj conjugate copy corrcoef correlate cos cosh"
          + " count_nonzero cross cumprod cumsum deg2rad diag diagflat diagonal diff digitize"
          + " divide divide_no_nan dot dsplit dstack einsum empty empty_like equal exp exp2"
          + " expand_dims expm1 eye fabs flip fliplr flipud floor floor_divide fmax fmin fmod full"
          + " full_like gcd geomspace get_item greater greater_equal hamming hanning heaviside"
          + " histogram hsplit hstack hypot i0 identity imag inner isclose isfinite isin isinf"
          + " isnan isneginf isposinf isreal kaiser kron lcm ldexp left_shift less less_equal"
          + " linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not"
          + " logical_or logical_xor logspace matmul max maximum mean median meshgrid min minimum"
          + " mod moveaxis multiply nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax"
          + " nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar ndim"
          + " negative nextafter nonzero not_equal ones ones_like outer pad percentile power prod"
          + " ptp quantile rad2deg ravel real reciprocal repeat reshape right_shift roll rot90"
          + " round searchsorted select sign signbit sin sinc sinh size slogdet sort split sqrt"
          + " square squeeze stack std subtract sum swapaxes take take_along_axis tan tanh"
          + " tensordot tile trace transpose trapezoid tri tril triu true_divide trunc unique"
          + " unravel_index vander var vdot view vsplit vstack where zeros zeros_like cast"
          + " convert_to_numpy convert_to_tensor dtype is_tensor saturate_cast scatter"
          + " scatter_update shape slice slice_update stop_gradient unstack";

  @Test
  void everyFunctionIsThere() {
    for (String f : FUNCTIONS.split(" ")) {
      assertThat(OpTable.function(f).function()).isEqualTo(f);
    }
    assertThatThrownBy(() -> OpTable.function("while_loop"))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void everyClassIsFoundByItsModuleAndName() {
    for (PublicOp op : OpTable.all()) {
      if (op.className() != null) {
        assertThat(OpTable.ofClass(op.module(), op.className()).className())
            .isEqualTo(op.className());
      }
    }
    assertThat(OpTable.ofClass("keras.src.ops.numpy", "GetItem").function()).isEqualTo("get_item");
    assertThat(OpTable.ofClass("keras.src.ops.numpy", "Nothing")).isNull();
  }

  @Test
  void positionsFollowTheFunctionAndSidesTheClass() {
    PublicOp pad = OpTable.function("pad");
    assertThat(pad.bind(List.of("x", 1L, "reflect"), Map.of()))
        .containsEntry("pad_width", 1L)
        .containsEntry("mode", "reflect")
        .containsEntry("constant_values", null);
    assertThat(sides(pad)).containsExactly("x", "|pad_width", "|mode", "constant_values");
    assertThat(sides(OpTable.function("full"))).containsExactly("|shape", "fill_value", "|dtype");
    PublicOp einsum = OpTable.function("einsum");
    assertThat(einsum.bind(List.of("ij->ji", "a", "b"), Map.of()))
        .containsEntry("operands", List.of("a", "b"));
    assertThat(OpTable.function("rot90").bind(List.of("x"), Map.of()))
        .containsEntry("axes", List.of(0L, 1L));
  }

  private static List<String> sides(PublicOp op) {
    return op.params().stream().map(p -> (p.constructor() ? "|" : "") + p.name()).toList();
  }

  @Test
  void wrongArgumentsAreRefused() {
    PublicOp sum = OpTable.function("sum");
    assertThatThrownBy(() -> sum.bind(List.of(), Map.of())).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> sum.bind(List.of("x"), Map.of("axes", 1L)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("axes");
    assertThatThrownBy(() -> sum.bind(List.of("x"), Map.of("x", "y")))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> sum.bind(Arrays.asList("x", null, true, 4L), Map.of()))
        .isInstanceOf(ConfigException.class);
  }
}
