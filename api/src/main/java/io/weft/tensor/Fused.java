package io.weft.tensor;

import java.util.List;

/**
 * Ops that backends have fast kernels for. Each says what it is in plainer ops, so a backend
 * without the kernel still computes it.
 */
public final class Fused {
  private Fused() {}

  /** softmax, or log-softmax, over the last axis. */
  public record Softmax(boolean log) implements Op {
    @Override
    public String name() {
      return log ? "log_softmax" : "softmax";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Rules.require(
          x.dtype().isFloating() && x.shape().rank() >= 1, this, "floats with an axis", in);
      return in;
    }

    @Override
    public List<Tensor> decompose(List<Tensor> in) {
      Tensor x = in.get(0);
      DType d = x.dtype();
      Tensor wide = d.isHalf() ? Ops.cast(x, DType.FLOAT32) : x;
      int[] last = {-1};
      Tensor z = Ops.subtract(wide, Ops.max(wide, last, true));
      Tensor e = Ops.exp(z);
      Tensor s = Ops.sum(e, last, true);
      return List.of(Ops.cast(log ? Ops.subtract(z, Ops.log(s)) : Ops.divide(e, s), d));
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor y = v.out(0);
      Tensor d = v.dout(0);
      int[] last = {-1};
      if (log) {
        return v.only(Ops.subtract(d, Ops.exp(y).times(Ops.sum(d, last, true))));
      }
      return v.only(y.times(Ops.subtract(d, Ops.sum(d.times(y), last, true))));
    }
  }
}
