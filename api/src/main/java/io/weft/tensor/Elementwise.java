package io.weft.tensor;

import java.util.Arrays;
import java.util.List;

/** Ops that compute each element by itself; two inputs broadcast as in NumPy. */
public final class Elementwise {
  private Elementwise() {}

  /** y = f(x). */
  public record Unary(UnaryFunction function) implements Op {
    @Override
    public String name() {
      return function.text();
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec x = in.get(0);
      Rules.require(function.accepts(x.dtype()), this, "a " + function.domain() + " input", in);
      return Rules.one(x.shape(), function.toBool() ? DType.BOOL : x.dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(function.vjp(v.in(0), v.out(0), v.dout(0)));
    }
  }

  /** y = f(a, b), both of one dtype. */
  public record Binary(BinaryFunction function) implements Op {
    @Override
    public String name() {
      return function.text();
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      DType d = Rules.sameDType(this, in);
      Rules.require(function.accepts(d), this, function.domain() + " inputs", in);
      return Rules.one(
          Shape.broadcast(in.get(0).shape(), in.get(1).shape()),
          function.toBool() ? DType.BOOL : d);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor[] g = new Tensor[2];
      for (int i = 0; i < 2; i++) {
        if (v.needs(i)) {
          Tensor d = function.vjp(i, v.in(0), v.in(1), v.out(0), v.dout(0));
          g[i] = d == null ? null : Ops.sumTo(d, v.in(i).shape());
        }
      }
      return Arrays.asList(g);
    }
  }

  /** y = condition ? a : b; condition is boolean, all three broadcast. */
  public record Select() implements Op {
    @Override
    public String name() {
      return "where";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Rules.require(
          in.get(0).dtype() == DType.BOOL && in.get(1).dtype() == in.get(2).dtype(),
          this,
          "a boolean condition and two inputs of one dtype",
          in);
      return Rules.one(
          Shape.broadcast(in.get(0).shape(), Shape.broadcast(in.get(1).shape(), in.get(2).shape())),
          in.get(1).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor zero = Tensor.scalar(0, v.dout(0).dtype());
      Tensor a = v.needs(1) ? Ops.where(v.in(0), v.dout(0), zero) : null;
      Tensor b = v.needs(2) ? Ops.where(v.in(0), zero, v.dout(0)) : null;
      return Arrays.asList(
          null,
          a == null ? null : Ops.sumTo(a, v.in(1).shape()),
          b == null ? null : Ops.sumTo(b, v.in(2).shape()));
    }
  }

  /** The same numbers as another dtype; see {@link HostArray#cast}. */
  public record Cast(DType to) implements Op {
    @Override
    public String name() {
      return "cast";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Rules.require(
          to != DType.STRING && in.get(0).dtype() != DType.STRING, this, "numbers or bools", in);
      return Rules.one(in.get(0).shape(), to);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.cast(v.dout(0), v.in(0).dtype()));
    }
  }

  /** The input itself, but gradients stop here. */
  public record StopGradient() implements Op {
    @Override
    public String name() {
      return "stop_gradient";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return Rules.one(in.get(0).shape(), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(null);
    }
  }
}
