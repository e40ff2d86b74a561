package io.weft.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Ops that move elements without computing: reshape, transpose, slice, place, pad, concatenate. */
public final class Movement {
  private Movement() {}

  /** The same elements in another shape; copies nothing. One size of {@code to} may be −1. */
  public record Reshape(Shape to) implements Op {
    @Override
    public String name() {
      return "reshape";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      long n = in.get(0).shape().size();
      long known = 1;
      int open = -1;
      for (int i = 0; i < to.rank(); i++) {
        if (to.dim(i) >= 0) {
          known *= to.dim(i);
        } else {
          Rules.require(open < 0, this, "at most one unknown size in " + to, in);
          open = i;
        }
      }
      Shape s = to;
      if (open >= 0) {
        Rules.require(known != 0 && n % known == 0, this, "elements that fill " + to, in);
        s = to.withDim(open, Math.toIntExact(n / known));
      }
      Rules.require(s.size() == n, this, "as many elements as " + to + " has", in);
      return Rules.one(s, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.reshape(v.dout(0), v.in(0).shape().dims()));
    }
  }

  /** Repeats axes of size 1 and adds leading axes, as NumPy's broadcast_to. */
  public record BroadcastTo(Shape to) implements Op {
    @Override
    public String name() {
      return "broadcast_to";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.get(0).shape();
      boolean ok = x.rank() <= to.rank();
      for (int i = 1; ok && i <= x.rank(); i++) {
        ok = x.dim(-i) == to.dim(-i) || x.dim(-i) == 1;
      }
      Rules.require(ok, this, "a shape that broadcasts to " + to, in);
      return Rules.one(to, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.sumTo(v.dout(0), v.in(0).shape()));
    }
  }

  /** y's axis i is x's axis {@code permutation[i]}. */
  public record Transpose(List<Integer> permutation) implements Op {
    @Override
    public String name() {
      return "transpose";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.get(0).shape();
      boolean[] seen = new boolean[x.rank()];
      int[] d = new int[x.rank()];
      boolean ok = permutation.size() == x.rank();
      for (int i = 0; ok && i < d.length; i++) {
        int a = permutation.get(i);
        ok = a >= 0 && a < d.length && !seen[a];
        if (ok) {
          seen[a] = true;
          d[i] = x.dim(a);
        }
      }
      Rules.require(ok, this, "a permutation of the axes, not " + permutation, in);
      return Rules.one(Shape.of(d), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      int[] inverse = new int[permutation.size()];
      for (int i = 0; i < inverse.length; i++) {
        inverse[permutation.get(i)] = i;
      }
      return v.only(Ops.transpose(v.dout(0), inverse));
    }
  }

  /**
   * Along each axis {@code sizes[i]} elements from {@code starts[i]} on, {@code steps[i]} apart (≠
   * 0).
   */
  public record Slice(List<Integer> starts, List<Integer> sizes, List<Integer> steps)
      implements Op {
    @Override
    public String name() {
      return "slice";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      if (!inside(in.get(0).shape(), starts, sizes, steps)) {
        throw Rules.refused(this, "a range inside the input, not " + this, in);
      }
      return Rules.one(Shape.of(Rules.array(sizes)), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.apply1(new Place(v.in(0).shape(), starts, steps), v.dout(0)));
    }
  }

  /** Zeros of shape {@code full} with the input put at the places that {@link Slice} would take. */
  public record Place(Shape full, List<Integer> starts, List<Integer> steps) implements Op {
    @Override
    public String name() {
      return "place";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      List<Integer> sizes = Rules.list(in.get(0).shape().dims());
      Rules.require(inside(full, starts, sizes, steps), this, "a range inside " + full, in);
      return Rules.one(full, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(
          Ops.apply1(new Slice(starts, Rules.list(v.in(0).shape().dims()), steps), v.dout(0)));
    }
  }

  private static boolean inside(
      Shape full, List<Integer> starts, List<Integer> sizes, List<Integer> steps) {
    int rank = full.rank();
    if (starts.size() != rank || sizes.size() != rank || steps.size() != rank) {
      return false;
    }
    for (int i = 0; i < rank; i++) {
      if (sizes.get(i) < 0 || steps.get(i) == 0) {
        return false;
      }
      if (sizes.get(i) > 0) {
        long last = starts.get(i) + (sizes.get(i) - 1L) * steps.get(i);
        if (starts.get(i) < 0 || starts.get(i) >= full.dim(i) || last < 0 || last >= full.dim(i)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * A border of one value: {@code low[i]} elements before and {@code high[i]} after axis i, all ≥
   * 0.
   */
  public record Pad(List<Integer> low, List<Integer> high, double value) implements Op {
    @Override
    public String name() {
      return "pad";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.get(0).shape();
      Rules.require(
          low.size() == x.rank() && high.size() == x.rank(), this, "paddings for each axis", in);
      int[] d = new int[x.rank()];
      for (int i = 0; i < d.length; i++) {
        Rules.require(
            low.get(i) >= 0 && high.get(i) >= 0, this, "paddings that are not negative", in);
        d[i] = Math.addExact(Math.addExact(low.get(i), x.dim(i)), high.get(i));
      }
      return Rules.one(Shape.of(d), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.slice(v.dout(0), Rules.array(low), v.in(0).shape().dims()));
    }
  }

  /** The inputs one after the other along an axis (non-negative). */
  public record Concat(int axis) implements Op {
    @Override
    public String name() {
      return "concatenate";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      DType d = Rules.sameDType(this, in);
      Shape first = in.get(0).shape();
      Rules.require(axis >= 0 && axis < first.rank(), this, "an axis " + axis, in);
      int n = 0;
      for (TensorSpec s : in) {
        Rules.require(
            s.shape().rank() == first.rank()
                && s.shape().withDim(axis, 0).equals(first.withDim(axis, 0)),
            this,
            "shapes that differ along axis " + axis + " only",
            in);
        n = Math.addExact(n, s.shape().dim(axis));
      }
      return Rules.one(first.withDim(axis, n), d);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      List<Tensor> g = new ArrayList<>();
      int at = 0;
      for (int i = 0; i < v.inputs(); i++) {
        Shape s = v.in(i).shape();
        int[] start = new int[s.rank()];
        start[axis] = at;
        g.add(v.needs(i) ? Ops.slice(v.dout(0), start, s.dims()) : null);
        at += s.dim(axis);
      }
      return g;
    }
  }

  static List<Integer> ones(int rank) {
    Integer[] a = new Integer[rank];
    Arrays.fill(a, 1);
    return List.of(a);
  }
}
