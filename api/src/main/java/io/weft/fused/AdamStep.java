package io.weft.fused;

import io.weft.tensor.DType;
import io.weft.tensor.Indexing.TakeGradient;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.List;

/**
 * One step of Adam for one weight: {@code m += (g − m)(1 − β₁)}, {@code v += (s − v)(1 − β₂)},
 * {@code w −= m·α / (√v + ε)}. Inputs: w, m, v of one shape, then what is given of the gradient,
 * then α (). Outputs: w, m, v.
 *
 * @param given what the gradient g and its square s come from
 */
public record AdamStep(double beta1, double beta2, double epsilon, Given given) implements Op {
  /** Forms of a gradient. */
  public enum Given {
    /** g like w; s = g². */
    GRADIENT,
    /** g and s like w: squares of slices are summed, which is not the square of the sum. */
    SQUARE_TOO,
    /**
     * Rows of a table: integer indices (...), as {@link TakeGradient} takes them, and slices (...,
     * row). g adds up the slices of a row, s their squares.
     */
    SLICES,
    /** As {@link #SLICES}, but s = g²: the slices of a row are added up before they are squared. */
    SUMMED_SLICES;

    /** Whether the gradient is given as indices and slices. */
    public boolean ofSlices() {
      return this == SLICES || this == SUMMED_SLICES;
    }
  }

  @Override
  public String name() {
    return "adam_step";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    int n = given == Given.GRADIENT ? 5 : 6;
    boolean ok = in.size() == n && in.get(n - 1).shape().rank() == 0;
    for (int i = 1; ok && i < n; i++) {
      boolean indices = given.ofSlices() && i == 3;
      boolean like = i < 3 || i < n - 1 && !given.ofSlices();
      DType d = in.get(i).dtype();
      ok = indices ? d.isInteger() : d == in.get(0).dtype();
      ok &= !like || in.get(i).shape().equals(in.get(0).shape());
    }
    if (ok && given.ofSlices()) {
      Shape w = in.get(0).shape();
      Shape at = in.get(3).shape();
      ok = w.rank() > 0 && in.get(4).shape().equals(at.plus(w.slice(1, w.rank()).dims()));
      ok = ok && (w.dim(0) > 0 || at.size() == 0);
    }
    Rules.require(ok, this, "w, m, v, a gradient like w (" + given + ") and a number", in);
    return List.of(in.get(0), in.get(0), in.get(0));
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    Tensor g = in.get(3);
    Tensor s = given == Given.SQUARE_TOO ? in.get(4) : null;
    if (given.ofSlices()) {
      TakeGradient sum = new TakeGradient(in.get(0).shape(), 0);
      g = Ops.apply1(sum, in.get(3), in.get(4));
      s = given == Given.SLICES ? Ops.apply1(sum, in.get(3), Ops.square(in.get(4))) : null;
    }
    Tensor m = moved(in.get(1), g, beta1);
    Tensor v = moved(in.get(2), s == null ? Ops.square(g) : s, beta2);
    Tensor alpha = in.get(in.size() - 1);
    return List.of(in.get(0).minus(m.times(alpha).divide(Ops.sqrt(v).plus(epsilon))), m, v);
  }

  private static Tensor moved(Tensor s, Tensor x, double beta) {
    return s.plus(x.minus(s).times(1 - beta));
  }
}
