package io.weft.fused;

import io.weft.fused.LayerNorm.NormRows;
import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.List;

/**
 * Rows divided by their root mean square: {@code y = x / √(mean x² + ε) · γ} over the last axis.
 * Inputs: x (..., n), then γ (n) if {@code scale}. Outputs: y, 1/√(mean x² + ε) (...); the latter
 * in float32 for half types.
 */
public record RmsNorm(double epsilon, boolean scale) implements Op {
  @Override
  public String name() {
    return "rms_norm";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    return NormRows.infer(this, in, scale ? 2 : 1, 1);
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    DType d = in.get(0).dtype();
    Tensor x = NormRows.wide(in.get(0));
    Tensor rstd = Ops.rsqrt(Ops.mean(Ops.square(x), new int[] {-1}, true).plus(epsilon));
    Tensor y = x.times(rstd);
    if (scale) {
      y = y.times(NormRows.wide(in.get(1)));
    }
    return List.of(Ops.cast(y, d), Ops.squeeze(rstd, -1));
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    return v.hasDout(1) ? null : FusedGradient.of(this, v, 2);
  }

  /** y for an input and an optional γ (null for none). */
  public static Tensor of(Tensor x, Tensor gamma, double epsilon) {
    return NormRows.apply(new RmsNorm(epsilon, gamma != null), x, gamma, null);
  }
}
