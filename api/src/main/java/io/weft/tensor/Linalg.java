package io.weft.tensor;

import java.util.Arrays;
import java.util.List;

/** Products of matrices. Decompositions are ops of {@code io.weft.ops}. */
public final class Linalg {
  private Linalg() {}

  /**
   * y = op(a)·op(b) over the last two axes, which op transposes where the flag says so; leading
   * axes broadcast. (..., m, k), (..., k, n) → (..., m, n). Half types accumulate in float32.
   */
  public record MatMul(boolean transposeA, boolean transposeB) implements Op {
    @Override
    public String name() {
      return "matmul";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      DType d = Rules.sameDType(this, in);
      Shape a = in.get(0).shape();
      Shape b = in.get(1).shape();
      Rules.require(
          a.rank() >= 2 && b.rank() >= 2, this, "matrices (..., m, k) and (..., k, n)", in);
      int m = a.dim(transposeA ? -1 : -2);
      int n = b.dim(transposeB ? -2 : -1);
      if (a.dim(transposeA ? -2 : -1) != b.dim(transposeB ? -1 : -2)) {
        String after = transposeA || transposeB ? " after " + this : "";
        throw Rules.refused(this, "a (..., m, k) and b (..., k, n)" + after, in);
      }
      Shape batch = Shape.broadcast(a.slice(0, a.rank() - 2), b.slice(0, b.rank() - 2));
      return Rules.one(batch.plus(m, n), d);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor a = v.in(0);
      Tensor b = v.in(1);
      Tensor d = v.dout(0);
      Tensor da = null;
      Tensor db = null;
      if (b.rank() == 2 && a.rank() > 2 && !transposeA) { // one product over all rows
        int rows = a.shape().product(0, a.rank() - 1);
        a = a.reshape(rows, a.dim(-1));
        d = d.reshape(rows, d.dim(-1));
      }
      if (v.needs(0)) {
        da = transposeA ? of(b, d, transposeB, true) : of(d, b, false, !transposeB);
        Shape full = v.in(0).shape();
        da = a == v.in(0) ? Ops.sumTo(da, full) : Ops.reshape(da, full.dims());
      }
      if (v.needs(1)) {
        db = transposeB ? of(d, a, true, transposeA) : of(a, d, !transposeA, false);
        db = Ops.sumTo(db, b.shape());
      }
      return Arrays.asList(da, db);
    }

    private static Tensor of(Tensor a, Tensor b, boolean ta, boolean tb) {
      return Ops.apply1(new MatMul(ta, tb), a, b);
    }
  }
}
