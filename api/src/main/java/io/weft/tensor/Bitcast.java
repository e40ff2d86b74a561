package io.weft.tensor;

import java.util.List;

/**
 * The same bytes (little-endian) read as another dtype; where its elements are smaller or larger
 * the last axis grows or shrinks.
 */
public record Bitcast(DType to) implements Op {
  @Override
  public String name() {
    return "view";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    TensorSpec x = in.get(0);
    Rules.require(number(x.dtype()) && number(to), this, "numbers as " + to, in);
    int from = x.dtype().bytes();
    if (from == to.bytes()) {
      return Rules.one(x.shape(), to);
    }
    boolean fits = x.shape().rank() > 0 && x.shape().dim(-1) * (long) from % to.bytes() == 0;
    Rules.require(fits, this, "a last axis whose bytes fill elements of " + to, in);
    int last = Math.toIntExact(x.shape().dim(-1) * (long) from / to.bytes());
    return Rules.one(x.shape().withDim(-1, last), to);
  }

  private static boolean number(DType d) {
    return d.isInteger() || d.isFloating();
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    return v.only(null);
  }
}
