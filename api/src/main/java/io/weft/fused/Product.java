package io.weft.fused;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
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
 * A matrix product or convolution with what follows it, in this order: a bias along the last axis,
 * a factor and a shift along the last axis (batch normalization), a function of each element, an
 * upper bound. Inputs: those of the product, then the bias (n), then factor (n) and shift (n). Made
 * by {@link io.weft.compile.Passes}.
 *
 * @param product {@link io.weft.tensor.Linalg.MatMul} or {@link io.weft.tensor.Convolution.Conv}
 * @param bias whether there is a bias
 * @param affine whether there are factor and shift
 * @param activation null for none
 * @param most upper bound; infinity for none
 */
public record Product(
    Op product, boolean bias, boolean affine, UnaryFunction activation, double most) implements Op {
  /** A product that nothing follows yet. */
  public static Product of(Op product) {
    return new Product(product, false, false, null, Double.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return product.name()
        + (bias ? "_bias" : "")
        + (affine ? "_affine" : "")
        + (activation == null ? "" : "_" + activation.text())
        + (isBounded() ? "_minimum" : "");
  }

  /** Whether there is an upper bound. */
  public boolean isBounded() {
    return most != Double.POSITIVE_INFINITY;
  }

  /** Number of inputs that belong to the product itself. */
  private int operands(int inputs) {
    return inputs - (bias ? 1 : 0) - (affine ? 2 : 0);
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    int n = operands(in.size());
    List<TensorSpec> out = product.infer(in.subList(0, n));
    TensorSpec along = new TensorSpec(Shape.of(out.get(0).shape().dim(-1)), out.get(0).dtype());
    for (TensorSpec s : in.subList(n, in.size())) {
      Rules.require(s.equals(along), this, "parameters along the last axis of " + out, in);
    }
    return out;
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    int n = operands(in.size());
    Tensor y = Ops.apply(product, in.subList(0, n)).get(0);
    if (bias) {
      y = y.plus(in.get(n));
    }
    if (affine) {
      y = y.times(in.get(in.size() - 2)).plus(in.get(in.size() - 1));
    }
    if (activation != null) {
      y = Ops.apply1(new Elementwise.Unary(activation), y);
    }
    DType d = y.dtype();
    return List.of(
        isBounded()
            ? Ops.apply1(new Elementwise.Binary(BinaryFunction.MINIMUM), y, Tensor.scalar(most, d))
            : y);
  }
}
