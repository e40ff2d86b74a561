package io.weft.tensor;

import io.weft.error.UnsupportedFeatureException;
import java.util.Arrays;
import java.util.List;

/**
 * The regularized lower incomplete gamma function P(a, x) = ∫₀ˣ tᵃ⁻¹e⁻ᵗ dt / Γ(a), element by
 * element; inputs a and x of one shape. Differentiable by x only.
 */
public record GammaInc() implements Op {
  @Override
  public String name() {
    return "gammainc";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    Rules.require(
        in.get(0).equals(in.get(1)) && in.get(0).dtype().isFloating(),
        this,
        "floats of one shape",
        in);
    return in.subList(0, 1);
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    if (v.needs(0)) {
      throw new UnsupportedFeatureException(
          "gammainc: has no derivative by its first argument. Stop the gradient before it with"
              + " Ops.stopGradient.");
    }
    Tensor a = v.in(0);
    Tensor x = v.in(1);
    Tensor log = a.minus(1).times(Ops.log(x)).minus(x);
    Tensor density = Ops.exp(log.minus(Ops.unary(UnaryFunction.LGAMMA, a)));
    return Arrays.asList(null, v.dout(0).times(density));
  }
}
