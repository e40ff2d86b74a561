package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.fused.LayerNorm;
import io.weft.fused.RmsNorm;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** Statistics and normalizations of {@code keras.ops.nn}; half types are computed in float32. */
public final class Normalizations {
  static final double EPSILON = 1e-7;

  private Normalizations() {}

  /** Mean and population variance over axes, in the dtype of x. */
  public static List<Tensor> moments(Tensor x, int[] axes, boolean keepdims) {
    boolean half = x.dtype().isHalf();
    Tensor wide = half ? Ops.cast(x, DType.FLOAT32) : Ops.toFloat(x);
    Tensor kept = Ops.mean(wide, axes, true);
    Tensor variance = Ops.mean(Ops.square(wide.minus(Ops.stopGradient(kept))), axes, keepdims);
    Tensor mean = keepdims ? kept : Ops.reshape(kept, variance.shape().dims());
    return half
        ? List.of(narrowed(mean, x.dtype()), narrowed(variance, x.dtype()))
        : List.of(mean, variance);
  }

  private static Tensor narrowed(Tensor x, DType half) {
    return Ops.cast(Ops.clip(x, -65504, 65504), half);
  }

  /**
   * (x − mean) / √(variance + epsilon) · scale + offset with statistics of one axis; offset and
   * scale may be null.
   */
  public static Tensor batchNormalization(
      Tensor x,
      Tensor mean,
      Tensor variance,
      int axis,
      Tensor offset,
      Tensor scale,
      double epsilon) {
    Shape s = Shape.SCALAR;
    int a = x.shape().axis(axis);
    for (int i = 0; i < x.rank(); i++) {
      s = s.plus(i == a ? x.dim(i) : 1);
    }
    int[] to = s.dims();
    Tensor inverse = Ops.rsqrt(Ops.reshape(variance, to).plus(epsilon));
    if (scale != null) {
      inverse = inverse.times(Ops.reshape(scale, to));
    }
    Tensor shift = Ops.negative(Ops.reshape(mean, to).times(inverse));
    if (offset != null) {
      shift = Ops.reshape(offset, to).plus(shift);
    }
    return x.times(Ops.cast(inverse, x.dtype())).plus(Ops.cast(shift, x.dtype()));
  }

  /**
   * (x − mean) / √(variance + epsilon) · gamma + beta over axes; gamma and beta have the sizes of
   * those axes and may be null. With {@code rmsScaling} nothing is subtracted or added.
   */
  public static Tensor layerNormalization(
      Tensor x, Tensor gamma, Tensor beta, int[] axes, double epsilon, boolean rmsScaling) {
    DType wide = Promotion.of(x.dtype(), DType.FLOAT32);
    Tensor w = Ops.cast(x, wide);
    if (!rmsScaling && isLast(w, axes, gamma) && isLast(w, axes, beta)) {
      Tensor g = gamma == null ? null : Ops.cast(gamma, wide);
      Tensor b = beta == null ? null : Ops.cast(beta, wide);
      return Ops.cast(LayerNorm.of(w, g, b, epsilon), x.dtype());
    }
    Tensor g = spread(gamma, w, axes);
    List<Tensor> m = moments(w, axes, true);
    Tensor inverse = Ops.rsqrt(m.get(1).plus(epsilon));
    inverse = g == null ? inverse : inverse.times(g);
    if (rmsScaling) {
      return Ops.cast(w.times(inverse), x.dtype());
    }
    Tensor shift = Ops.negative(m.get(0)).times(inverse);
    Tensor b = spread(beta, w, axes);
    shift = b == null ? shift : shift.plus(b);
    return Ops.cast(w.times(inverse).plus(shift), x.dtype());
  }

  /** Whether the last axis alone is normalized, with one factor (or none) for each element. */
  private static boolean isLast(Tensor x, int[] axes, Tensor factor) {
    return x.rank() > 0
        && axes != null
        && Rules.axes(x.shape(), axes).equals(List.of(x.rank() - 1))
        && (factor == null || factor.shape().equals(Shape.of(x.dim(-1))));
  }

  private static Tensor spread(Tensor v, Tensor x, int[] axes) {
    if (v == null) {
      return null;
    }
    Tensor w = Ops.cast(v, x.dtype());
    List<Integer> a = Rules.axes(x.shape(), axes);
    if (v.rank() == x.rank() || a.equals(List.of(x.rank() - 1))) {
      return w;
    }
    Shape s = Shape.SCALAR;
    for (int i = 0; i < x.rank(); i++) {
      s = s.plus(a.contains(i) ? x.dim(i) : 1);
    }
    return Ops.reshape(w, s.dims());
  }

  /** x / √(mean x² + epsilon) · scale over axes; scale may be null. */
  public static Tensor rmsNormalization(Tensor x, Tensor scale, int[] axes, double epsilon) {
    DType wide = Promotion.of(x.dtype(), DType.FLOAT32);
    Tensor w = Ops.cast(x, wide);
    w = w.rank() == 0 ? Ops.expandDims(w, 0) : w;
    if (isLast(w, axes, scale)) {
      Tensor g = scale == null ? null : Ops.cast(scale, wide);
      return Ops.cast(RmsNorm.of(w, g, epsilon), x.dtype());
    }
    Tensor y = w.times(Ops.rsqrt(Ops.mean(Ops.square(w), axes, true).plus(epsilon)));
    y = scale == null ? y : y.times(Ops.cast(scale, wide));
    return Ops.cast(y, x.dtype());
  }

  /** x divided by its norm of an order over axes; norms below epsilon count as epsilon. */
  public static Tensor normalize(Tensor x, int[] axes, int order, double epsilon) {
    if (order < 1) {
      throw new ConfigException(
          "normalize: order must be a positive integer. Received: order=" + order);
    }
    Tensor f = Ops.toFloat(x);
    f = f.rank() == 0 ? Ops.expandDims(f, 0) : f;
    if (order == 2) {
      Tensor squares = Ops.sum(Ops.square(f), axes, true);
      return f.times(Ops.rsqrt(Ops.maximum(squares, epsilon * epsilon)));
    }
    Tensor norm = Norms.norm(f, (double) order, axes, true);
    return f.divide(Ops.maximum(norm, epsilon));
  }
}
