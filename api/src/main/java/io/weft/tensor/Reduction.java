package io.weft.tensor;

import java.util.List;
import java.util.Locale;

/** Ops that fold axes away or accumulate along one. */
public final class Reduction {
  private Reduction() {}

  /** What a reduction does with the elements it folds. */
  public enum Fold {
    SUM,
    PROD,
    MAX,
    MIN,
    ANY,
    ALL
  }

  /**
   * Folds {@code axes} (sorted, non-negative) away. Half types are summed in float32. Max and min
   * give their gradient in equal parts to all elements that reach the extreme, as TensorFlow does;
   * of an empty axis they are refused.
   */
  public record Reduce(Fold fold, List<Integer> axes) implements Op {
    @Override
    public String name() {
      return fold.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      boolean logical = fold == Fold.ANY || fold == Fold.ALL;
      Rules.require(
          logical ? x.dtype() == DType.BOOL : x.dtype() != DType.STRING,
          this,
          logical ? "a boolean input" : "numbers",
          in);
      int rank = x.shape().rank() - axes.size();
      int[] d = new int[rank];
      int j = 0;
      for (int i = 0; i < x.shape().rank(); i++) {
        if (!axes.contains(i)) {
          d[j++] = x.shape().dim(i);
        } else {
          Rules.require(
              x.shape().dim(i) != 0 || (fold != Fold.MAX && fold != Fold.MIN),
              this,
              "an axis that is not empty",
              in);
        }
      }
      return Rules.one(Shape.of(d), x.dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor x = v.in(0);
      int[] kept = x.shape().dims();
      axes.forEach(a -> kept[a] = 1);
      Tensor d = Ops.reshape(v.dout(0), kept);
      switch (fold) {
        case SUM:
          return v.only(Ops.broadcastTo(d, x.shape()));
        case PROD:
          return v.only(productGradient(x, d));
        case MAX:
        case MIN:
          Tensor hit = Ops.cast(Ops.equal(x, Ops.reshape(v.out(0), kept)), x.dtype());
          Tensor count = Ops.sum(hit, Rules.array(axes), true);
          return v.only(hit.times(d.divide(count)));
        default:
          return v.only(null);
      }
    }

    /**
     * d · (product of all the other elements), by exclusive products from both sides: right at
     * zeros.
     */
    private Tensor productGradient(Tensor x, Tensor d) {
      int rank = x.rank();
      int[] perm = new int[rank];
      int k = 0;
      for (int i = 0; i < rank; i++) {
        if (!axes.contains(i)) {
          perm[k++] = i;
        }
      }
      int n = 1;
      int rows = 1;
      for (int i = 0; i < k; i++) {
        rows *= x.dim(perm[i]);
      }
      for (int a : axes) {
        perm[k++] = a;
        n *= x.dim(a);
      }
      Tensor t = Ops.transpose(x, perm);
      if (n == 0) {
        return x;
      }
      Tensor flat = Ops.reshape(t, rows, n);
      Tensor one = Ops.ones(Shape.of(flat.dim(0), 1), x.dtype());
      Tensor left =
          Ops.concatenate(
              List.of(one, Ops.slice(flat, new int[] {0, 0}, new int[] {flat.dim(0), n - 1})), 1);
      Tensor right =
          Ops.concatenate(
              List.of(Ops.slice(flat, new int[] {0, 1}, new int[] {flat.dim(0), n - 1}), one), 1);
      Tensor others =
          Ops.apply1(new Cumulative(false, 1, false), left)
              .times(Ops.apply1(new Cumulative(false, 1, true), right));
      int[] inverse = new int[rank];
      for (int i = 0; i < rank; i++) {
        inverse[perm[i]] = i;
      }
      return Ops.transpose(Ops.reshape(others, t.shape().dims()), inverse).times(d);
    }
  }

  /**
   * Position of the first largest (or smallest) element along an axis, int32; the axis goes away.
   */
  public record ArgReduce(boolean max, int axis) implements Op {
    @Override
    public String name() {
      return max ? "argmax" : "argmin";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape s = in.get(0).shape();
      Rules.require(
          axis >= 0 && axis < s.rank() && s.dim(axis) != 0, this, "a non-empty axis " + axis, in);
      int[] d = new int[s.rank() - 1];
      for (int i = 0, j = 0; i < s.rank(); i++) {
        if (i != axis) {
          d[j++] = s.dim(i);
        }
      }
      return Rules.one(Shape.of(d), DType.INT32);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(null);
    }
  }

  /** Running sum (or product) along an axis, from the front or from the back. */
  public record Cumulative(boolean sum, int axis, boolean reverse) implements Op {
    @Override
    public String name() {
      return sum ? "cumsum" : "cumprod";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Rules.require(
          axis >= 0 && axis < x.shape().rank() && (x.dtype().isFloating() || x.dtype().isInteger()),
          this,
          "numbers with an axis " + axis,
          in);
      return Rules.one(x.shape(), x.dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Op back = new Cumulative(true, axis, !reverse);
      if (sum) {
        return v.only(Ops.apply1(back, v.dout(0)));
      }
      // not defined at zeros, as in TensorFlow
      return v.only(Ops.apply1(back, v.out(0).times(v.dout(0))).divide(v.in(0)));
    }
  }
}
