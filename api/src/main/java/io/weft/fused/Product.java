package io.weft.fused;

import io.weft.tensor.Elementwise;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/**
 * A matrix product or convolution with what follows it: a bias along the last axis, then a function
 * of each element. Inputs: those of the product, then the bias (n) if there is one. Made by {@link
 * io.weft.compile.Passes}.
 *
 * @param product {@link io.weft.tensor.Linalg.MatMul} or {@link io.weft.tensor.Convolution.Conv}
 * @param activation null for none
 */
public record Product(Op product, boolean bias, UnaryFunction activation) implements Op {
  @Override
  public String name() {
    return product.name()
        + (bias ? "_bias" : "")
        + (activation == null ? "" : "_" + activation.text());
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    int n = in.size() - (bias ? 1 : 0);
    List<TensorSpec> out = product.infer(in.subList(0, n));
    if (bias) {
      Shape b = in.get(n).shape();
      Rules.require(
          b.equals(Shape.of(out.get(0).shape().dim(-1))) && in.get(n).dtype() == out.get(0).dtype(),
          this,
          "a bias along the last axis of " + out,
          in);
    }
    return out;
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    int n = in.size() - (bias ? 1 : 0);
    Tensor y = Ops.apply(product, in.subList(0, n)).get(0);
    if (bias) {
      y = y.plus(in.get(n));
    }
    return List.of(activation == null ? y : Ops.apply1(new Elementwise.Unary(activation), y));
  }
}
