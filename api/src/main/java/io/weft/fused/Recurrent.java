package io.weft.fused;

import io.weft.control.Control;
import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole recurrent sequences without masks. Inputs of all: x (batch, steps, features), kernel
 * (features, gates·units), recurrent kernel (units, gates·units), the bias if {@code useBias}, then
 * the first states (batch, units). The first output is h (batch, steps, units) after each step;
 * with {@code reverse} the steps are read from the last to the first and outputs are in the order
 * of reading, as Keras' {@code go_backwards}. The last state is the last step of an output.
 */
public final class Recurrent {
  private Recurrent() {}

  private static List<TensorSpec> check(
      Op op, List<TensorSpec> in, int gates, boolean useBias, Shape bias, int states, int... outs) {
    DType d = Rules.sameDType(op, in);
    Rules.require(
        d.isFloating()
            && in.size() == 3 + (useBias ? 1 : 0) + states
            && in.get(0).shape().rank() == 3
            && in.get(2).shape().rank() == 2,
        op,
        "floats x (batch, steps, features), kernels, bias and states",
        in);
    Shape x = in.get(0).shape();
    int u = in.get(2).shape().dim(0);
    boolean ok =
        in.get(1).shape().equals(Shape.of(x.dim(2), gates * u))
            && in.get(2).shape().equals(Shape.of(u, gates * u));
    for (int i = 3; ok && i < in.size(); i++) {
      boolean isBias = useBias && i == 3;
      Shape want = isBias ? bias.withDim(-1, gates * u) : Shape.of(x.dim(0), u);
      ok = in.get(i).shape().equals(want);
    }
    Rules.require(ok, op, "kernels, bias and states for " + u + " units", in);
    List<TensorSpec> out = new ArrayList<>();
    for (int width : outs) {
      out.add(new TensorSpec(Shape.of(x.dim(0), x.dim(1), width * u), d));
    }
    return out;
  }

  /** A step: (x·W + b of this step, states) → (states, outputs). */
  private interface Cell {
    Control.Step step(Tensor z, List<Tensor> states);
  }

  /** Runs a cell over the steps; the last states, and outputs (batch, steps, ...). */
  private static Control.Step sequence(Tensor z, boolean reverse, List<Tensor> states, Cell cell) {
    Tensor steps = Ops.transpose(z, 1, 0, 2);
    int n = z.dim(1);
    Control.Step s =
        Control.scan((c, x) -> cell.step(x.get(0), c), states, List.of(steps), n, reverse);
    List<Tensor> out = new ArrayList<>();
    for (Tensor t : s.outputs()) {
      Tensor o = reverse ? Ops.flip(t, 0) : t;
      out.add(Ops.transpose(o, 1, 0, 2));
    }
    return new Control.Step(s.carries(), out);
  }

  /** x·W + b for all steps. */
  private static Tensor project(List<Tensor> in, Tensor bias) {
    Tensor z = Ops.matmul(in.get(0), in.get(1));
    return bias == null ? z : z.plus(bias);
  }

  private static Tensor gate(Tensor z, int i, int n) {
    int u = z.dim(-1) / n;
    return Ops.slice(z, new int[] {0, i * u}, new int[] {z.dim(0), u});
  }

  /**
   * Long short-term memory with sigmoid gates and tanh; gates in the order i, f, c, o. States: h,
   * c. Outputs: h, the last c (batch, units); for the derivative all c (batch, steps, units) and
   * the activated gates (batch, steps, 4·units).
   */
  public record Lstm(boolean useBias, boolean reverse) implements Op {
    @Override
    public String name() {
      return "lstm_sequence";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      List<TensorSpec> out = check(this, in, 4, useBias, Shape.of(1), 2, 1, 1, 4);
      return List.of(out.get(0), in.get(in.size() - 1), out.get(1), out.get(2));
    }

    @Override
    public List<Tensor> decompose(List<Tensor> in) {
      Tensor r = in.get(2);
      int s = useBias ? 4 : 3;
      Control.Step run =
          sequence(
              project(in, useBias ? in.get(3) : null),
              reverse,
              in.subList(s, s + 2),
              (x, states) -> {
                Tensor z = x.plus(Ops.matmul(states.get(0), r));
                Tensor i = Ops.sigmoid(gate(z, 0, 4));
                Tensor f = Ops.sigmoid(gate(z, 1, 4));
                Tensor g = Ops.tanh(gate(z, 2, 4));
                Tensor o = Ops.sigmoid(gate(z, 3, 4));
                Tensor c = f.times(states.get(1)).plus(i.times(g));
                Tensor h = o.times(Ops.tanh(c));
                return new Control.Step(
                    List.of(h, c), List.of(h, c, Ops.concatenate(List.of(i, f, g, o), -1)));
              });
      List<Tensor> y = run.outputs();
      return List.of(y.get(0), run.carries().get(1), y.get(1), y.get(2));
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.hasDout(2) || v.hasDout(3) ? null : FusedGradient.of(this, v, 4);
    }
  }

  /**
   * Gated recurrent unit with sigmoid gates and tanh; gates in the order z, r, h. The bias is (2,
   * 3·units) with {@code resetAfter}, its second row for the recurrent product, otherwise
   * (3·units). State: h. Outputs: h, activated gates (batch, steps, 3·units), and h·R of the
   * candidate with its bias (reset after) or r·h (batch, steps, units).
   */
  public record Gru(boolean useBias, boolean resetAfter, boolean reverse) implements Op {
    @Override
    public String name() {
      return "gru_sequence";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return check(this, in, 3, useBias, resetAfter ? Shape.of(2, 1) : Shape.of(1), 1, 1, 3, 1);
    }

    @Override
    public List<Tensor> decompose(List<Tensor> in) {
      Tensor r = in.get(2);
      int u = r.dim(0);
      Tensor bias = useBias ? in.get(3) : null;
      Tensor second = null;
      if (useBias && resetAfter) {
        second = Ops.slice(bias, new int[] {1, 0}, new int[] {1, 3 * u});
        bias = Ops.slice(bias, new int[] {0, 0}, new int[] {1, 3 * u});
      }
      Tensor recurrentBias = second;
      return sequence(
              project(in, bias),
              reverse,
              in.subList(in.size() - 1, in.size()),
              (x, states) -> {
                Tensor h = states.get(0);
                Tensor gates = Ops.slice(r, new int[] {0, 0}, new int[] {u, 2 * u});
                Tensor candidate = Ops.slice(r, new int[] {0, 2 * u}, new int[] {u, u});
                Tensor hr = Ops.matmul(h, gates);
                Tensor inner = resetAfter ? Ops.matmul(h, candidate) : null;
                if (recurrentBias != null) {
                  hr = hr.plus(Ops.slice(recurrentBias, new int[] {0, 0}, new int[] {1, 2 * u}));
                  inner =
                      inner.plus(Ops.slice(recurrentBias, new int[] {0, 2 * u}, new int[] {1, u}));
                }
                Tensor z = Ops.sigmoid(gate(x, 0, 3).plus(gate(hr, 0, 2)));
                Tensor reset = Ops.sigmoid(gate(x, 1, 3).plus(gate(hr, 1, 2)));
                if (!resetAfter) {
                  inner = reset.times(h);
                }
                Tensor add = resetAfter ? reset.times(inner) : Ops.matmul(inner, candidate);
                Tensor c = Ops.tanh(gate(x, 2, 3).plus(add));
                Tensor next = z.times(h).plus(Ops.oneMinus(z).times(c));
                return new Control.Step(
                    List.of(next), List.of(next, Ops.concatenate(List.of(z, reset, c), -1), inner));
              })
          .outputs();
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.hasDout(1) || v.hasDout(2) ? null : FusedGradient.of(this, v, 3);
    }
  }

  /** Activations of {@link Simple}. */
  public enum Activation {
    TANH,
    SIGMOID,
    RELU,
    LINEAR;

    Tensor apply(Tensor x) {
      switch (this) {
        case TANH:
          return Ops.tanh(x);
        case SIGMOID:
          return Ops.sigmoid(x);
        case RELU:
          return Ops.relu(x);
        default:
          return x;
      }
    }
  }

  /** {@code h' = activation(x·W + h·R + b)}. State and output: h. */
  public record Simple(Activation activation, boolean useBias, boolean reverse) implements Op {
    @Override
    public String name() {
      return "simple_rnn_sequence";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return check(this, in, 1, useBias, Shape.of(1), 1, 1);
    }

    @Override
    public List<Tensor> decompose(List<Tensor> in) {
      Tensor r = in.get(2);
      return sequence(
              project(in, useBias ? in.get(3) : null),
              reverse,
              in.subList(in.size() - 1, in.size()),
              (x, states) -> {
                Tensor h = activation.apply(x.plus(Ops.matmul(states.get(0), r)));
                return new Control.Step(List.of(h), List.of(h));
              })
          .outputs();
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return FusedGradient.of(this, v, 1);
    }
  }
}
