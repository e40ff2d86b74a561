package io.weft.fused;

import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.List;

/**
 * Rows with mean 0 and variance 1: {@code y = (x − mean) / √(variance + ε) · γ + β} over the last
 * axis. Inputs: x (..., n), then γ (n) if {@code scale}, then β (n) if {@code center}. Outputs: y,
 * mean (...), 1/√(variance + ε) (...); the last two in float32 for half types.
 */
public record LayerNorm(double epsilon, boolean scale, boolean center) implements Op {
  @Override
  public String name() {
    return "layer_norm";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    return NormRows.infer(this, in, 1 + (scale ? 1 : 0) + (center ? 1 : 0), 2);
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    DType d = in.get(0).dtype();
    Tensor x = NormRows.wide(in.get(0));
    int[] last = {-1};
    Tensor mean = Ops.mean(x, last, true);
    Tensor centered = x.minus(mean);
    Tensor rstd = Ops.rsqrt(Ops.mean(Ops.square(centered), last, true).plus(epsilon));
    Tensor y = centered.times(rstd);
    if (scale) {
      y = y.times(NormRows.wide(in.get(1)));
    }
    if (center) {
      y = y.plus(NormRows.wide(in.get(in.size() - 1)));
    }
    return List.of(Ops.cast(y, d), Ops.squeeze(mean, -1), Ops.squeeze(rstd, -1));
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    return v.hasDout(1) || v.hasDout(2) ? null : FusedGradient.of(this, v, 3);
  }

  /** y for an input and optional γ and β (null for none). */
  public static Tensor of(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
    return NormRows.apply(new LayerNorm(epsilon, gamma != null, beta != null), x, gamma, beta);
  }

  /** What both normalizations of rows share. */
  static final class NormRows {
    private NormRows() {}

    static List<TensorSpec> infer(Op op, List<TensorSpec> in, int inputs, int statistics) {
      DType d = Rules.sameDType(op, in);
      Shape x = in.get(0).shape();
      Rules.require(
          d.isFloating() && x.rank() >= 1 && in.size() == inputs,
          op,
          "floats (..., n) and as many parameters as " + op + " says",
          in);
      for (TensorSpec p : in.subList(1, inputs)) {
        Rules.require(p.shape().equals(Shape.of(x.dim(-1))), op, "parameters (n)", in);
      }
      DType wide = d.isHalf() ? DType.FLOAT32 : d;
      TensorSpec rows = new TensorSpec(x.slice(0, x.rank() - 1), wide);
      return statistics == 2 ? List.of(in.get(0), rows, rows) : List.of(in.get(0), rows);
    }

    static Tensor wide(Tensor x) {
      return x.dtype().isHalf() ? Ops.cast(x, DType.FLOAT32) : x;
    }

    static Tensor apply(Op op, Tensor x, Tensor gamma, Tensor beta) {
      java.util.ArrayList<Tensor> in = new java.util.ArrayList<>(List.of(x));
      if (gamma != null) {
        in.add(gamma);
      }
      if (beta != null) {
        in.add(beta);
      }
      return Ops.apply(op, in).get(0);
    }
  }
}
