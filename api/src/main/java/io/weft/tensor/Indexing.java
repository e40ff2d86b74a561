package io.weft.tensor;

import java.util.Arrays;
import java.util.List;

/** Ops that read or write at positions given by integer tensors, and sorting. */
public final class Indexing {
  private Indexing() {}

  /**
   * Rows of x along an axis: x (outer, n, inner), integer indices of any shape → (outer, indices,
   * inner). Negative positions count from the end; others outside are clamped to the nearest row.
   *
   * @param table how errors name x; with a name, positions outside are refused. Null for none
   * @param fromEnd whether −n … −1 are positions too where others are refused
   */
  public record Take(int axis, String table, boolean fromEnd) implements Op {
    /** Takes every position. */
    public Take(int axis) {
      this(axis, null, true);
    }

    @Override
    public String name() {
      return "take";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.get(0).shape();
      Rules.require(
          in.get(1).dtype().isInteger() && axis >= 0 && axis < x.rank(),
          this,
          "integer indices and an axis " + axis,
          in);
      Rules.require(
          x.dim(axis) > 0 || in.get(1).shape().size() == 0, this, "rows to take from", in);
      Shape s =
          x.slice(0, axis).plus(in.get(1).shape().dims()).plus(x.slice(axis + 1, x.rank()).dims());
      return Rules.one(s, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.apply1(new TakeGradient(v.in(0).shape(), axis), v.in(1), v.dout(0)));
    }
  }

  /** Zeros of shape {@code full}, with rows of dy added at the positions that {@link Take} read. */
  public record TakeGradient(Shape full, int axis) implements Op {
    @Override
    public String name() {
      return "take_gradient";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return Rules.one(full, in.get(1).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return Arrays.asList(null, Ops.apply1(new Take(axis), v.dout(0), v.in(0)));
    }
  }

  /** How {@link Scatter} combines what is there with what comes. */
  public enum Combine {
    SET,
    ADD,
    MUL,
    MAX,
    MIN
  }

  /**
   * x with updates written at integer indices: x (d0, …), indices (…, k) naming positions in the
   * first k axes, updates (…, d_k, …) → like x. Doubles combine in order; positions outside are
   * ignored.
   */
  public record Scatter(Combine combine) implements Op {
    @Override
    public String name() {
      return "scatter_" + combine.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.get(0).shape();
      Shape i = in.get(1).shape();
      Rules.require(
          in.get(1).dtype().isInteger() && i.rank() >= 1 && i.dim(-1) <= x.rank(),
          this,
          "x, integer indices (..., k) with k up to the rank of x, and updates",
          in);
      Shape want = i.slice(0, i.rank() - 1).plus(x.slice(i.dim(-1), x.rank()).dims());
      Rules.require(
          in.get(2).shape().equals(want) && in.get(2).dtype() == in.get(0).dtype(),
          this,
          "updates " + want + " of the dtype of x",
          in);
      return Rules.one(x, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor d = v.dout(0);
      Tensor picked = v.needs(2) ? Ops.apply1(new Gather(), d, v.in(1)) : null;
      switch (combine) {
        case ADD:
          return Arrays.asList(d, null, picked);
        case SET:
          Tensor dx = v.needs(0) ? Ops.apply1(this, d, v.in(1), Ops.zerosLike(v.in(2))) : null;
          return Arrays.asList(dx, null, picked);
        default:
          return extremeOrProduct(v);
      }
    }

    private List<Tensor> extremeOrProduct(Vjp v) {
      Tensor d = v.dout(0);
      Tensor at = Ops.apply1(new Gather(), v.out(0), v.in(1));
      Tensor dAt = Ops.apply1(new Gather(), d, v.in(1));
      if (combine == Combine.MUL) {
        Tensor dx = d.times(v.out(0).divide(v.in(0)));
        return Arrays.asList(dx, null, dAt.times(at.divide(v.in(2))));
      }
      Tensor keptX = Ops.cast(Ops.equal(v.out(0), v.in(0)), d.dtype());
      Tensor keptU = Ops.cast(Ops.equal(at, v.in(2)), d.dtype());
      return Arrays.asList(d.times(keptX), null, dAt.times(keptU));
    }
  }

  /** x (d0, …) read at integer indices (…, k) in its first k axes → (…, d_k, …). */
  public record Gather() implements Op {
    @Override
    public String name() {
      return "gather";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape x = in.get(0).shape();
      Shape i = in.get(1).shape();
      Rules.require(
          in.get(1).dtype().isInteger() && i.rank() >= 1 && i.dim(-1) <= x.rank(),
          this,
          "integer indices (..., k) with k up to the rank of x",
          in);
      return Rules.one(
          i.slice(0, i.rank() - 1).plus(x.slice(i.dim(-1), x.rank()).dims()), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(
          Ops.apply1(new Scatter(Combine.ADD), Ops.zerosLike(v.in(0)), v.in(1), v.dout(0)));
    }
  }

  /**
   * Values sorted along the last axis and the int32 positions they came from; stable, NaN last in
   * ascending order. Two outputs.
   */
  public record Sort(boolean descending) implements Op {
    @Override
    public String name() {
      return "sort";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Rules.require(
          x.shape().rank() >= 1 && x.dtype() != DType.STRING, this, "numbers with an axis", in);
      return List.of(x, new TensorSpec(x.shape(), DType.INT32));
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor x = v.in(0);
      int n = x.dim(-1);
      Tensor flat = Ops.reshape(v.out(1), -1, n);
      Tensor rows = Ops.broadcastTo(Ops.expandDims(Ops.arange(flat.dim(0)), 1), flat.shape());
      Tensor at = Ops.stack(List.of(rows, flat), -1);
      Tensor d = Ops.reshape(v.dout(0), -1, n);
      Tensor g = Ops.apply1(new Scatter(Combine.ADD), Ops.zerosLike(d), at, d);
      return v.only(Ops.reshape(g, x.shape().dims()));
    }
  }
}
