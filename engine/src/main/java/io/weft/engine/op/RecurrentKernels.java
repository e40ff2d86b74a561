package io.weft.engine.op;

import io.weft.engine.kernel.GruKernels;
import io.weft.engine.kernel.LstmKernels;
import io.weft.engine.kernel.RnnShape;
import io.weft.engine.kernel.RnnWeights;
import io.weft.engine.kernel.SimpleRnnKernels;
import io.weft.engine.kernel.Span;
import io.weft.engine.kernel.StepActivation;
import io.weft.engine.op.Numeric.Floats;
import io.weft.fused.FusedGradient;
import io.weft.fused.Recurrent;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** The work of recurrent sequences and their gradients; arrays in the order of the ops' inputs. */
final class RecurrentKernels {
  private RecurrentKernels() {}

  private static RnnShape shape(List<TensorSpec> in, boolean reverse) {
    Shape x = in.get(0).shape();
    return new RnnShape(x.dim(0), x.dim(1), x.dim(2), in.get(2).shape().dim(0), reverse);
  }

  private static Span bias(float[][] x, boolean useBias) {
    return useBias ? Span.of(x[3]) : null;
  }

  /** The gradient of output i, or null where there is none. */
  private static Span dout(FusedGradient g, float[][] x, int i) {
    int at = g.inputs() + g.given().size();
    for (int j = 0; j < i; j++) {
      at += g.given().get(j) ? 1 : 0;
    }
    return g.given().get(i) ? Span.of(x[at]) : null;
  }

  /** The work of a sequence on arrays, its two kernels packed. */
  private interface Work {
    void run(Object[] x, RnnWeights w, RnnWeights r, Object[] y);
  }

  /** How the kernel of a cell is packed. */
  private record Packing(int rows, int units, int gates) implements Kernel.Preparation {
    @Override
    public Object of(Object array) {
      return RnnWeights.pack(rows, units, gates, (float[]) array);
    }
  }

  /** A sequence that takes its kernels as they are or packed. */
  private record Sequence(RnnShape s, int gates, Work work) implements Kernel {
    @Override
    public void run(Object[] x, Object[] y) {
      RnnWeights w = RnnWeights.of(x[1], s.features(), s.units(), gates);
      RnnWeights r = RnnWeights.of(x[2], s.units(), s.units(), gates);
      try {
        work.run(x, w, r, y);
      } finally {
        r.giveBack();
        w.giveBack();
      }
    }

    @Override
    public Preparation preparation(int input) {
      return input == 1
          ? new Packing(s.features(), s.units(), gates)
          : input == 2 ? new Packing(s.units(), s.units(), gates) : null;
    }

    /** All but the outputs of the steps are for gradients and for later sequences. */
    @Override
    public boolean mayLeaveOut(int output) {
      return output > 0;
    }
  }

  private static Kernel sequence(
      List<TensorSpec> in, List<TensorSpec> out, boolean reverse, int gates, Work work) {
    Sequence k = new Sequence(shape(in, reverse), gates, work);
    return in.get(0).dtype() == DType.FLOAT32 ? k : Numeric.floating(in, out, k::run, null);
  }

  private static Span span(Object a) {
    return a == null ? null : Span.of((float[]) a);
  }

  static Kernel lstm(Recurrent.Lstm op, List<TensorSpec> in, List<TensorSpec> out) {
    RnnShape s = shape(in, op.reverse());
    int h = op.useBias() ? 4 : 3;
    return sequence(
        in,
        out,
        op.reverse(),
        4,
        (x, w, r, y) ->
            LstmKernels.forward(
                s,
                span(x[0]),
                w,
                r,
                op.useBias() ? span(x[3]) : null,
                span(x[h]),
                span(x[h + 1]),
                span(y[0]),
                span(y[1]),
                span(y[2]),
                span(y[3])));
  }

  static Floats lstmGradient(Recurrent.Lstm op, FusedGradient g, List<TensorSpec> in) {
    RnnShape s = shape(in, op.reverse());
    int n = g.inputs();
    int h = n - 2;
    return (x, y) ->
        LstmKernels.backward(
            s,
            span(x[0]),
            span(x[1]),
            span(x[2]),
            span(x[h]),
            span(x[h + 1]),
            span(x[n]),
            span(x[n + 2]),
            span(x[n + 3]),
            dout(g, x, 0),
            null,
            dout(g, x, 1),
            span(y[0]),
            span(y[1]),
            span(y[2]),
            bias(y, op.useBias()),
            span(y[h]),
            span(y[h + 1]));
  }

  static Kernel gru(Recurrent.Gru op, List<TensorSpec> in, List<TensorSpec> out) {
    RnnShape s = shape(in, op.reverse());
    return sequence(
        in,
        out,
        op.reverse(),
        3,
        (x, w, r, y) ->
            GruKernels.forward(
                s,
                op.resetAfter(),
                span(x[0]),
                w,
                r,
                op.useBias() ? span(x[3]) : null,
                span(x[x.length - 1]),
                span(y[0]),
                span(y[1]),
                span(y[2])));
  }

  static Floats gruGradient(Recurrent.Gru op, FusedGradient g, List<TensorSpec> in) {
    RnnShape s = shape(in, op.reverse());
    int n = g.inputs();
    return (x, y) ->
        GruKernels.backward(
            s,
            op.resetAfter(),
            span(x[0]),
            span(x[1]),
            span(x[2]),
            span(x[n - 1]),
            span(x[n]),
            span(x[n + 1]),
            span(x[n + 2]),
            dout(g, x, 0),
            null,
            span(y[0]),
            span(y[1]),
            span(y[2]),
            bias(y, op.useBias()),
            span(y[n - 1]));
  }

  private static StepActivation activation(Recurrent.Simple op) {
    switch (op.activation()) {
      case TANH:
        return StepActivation.TANH;
      case SIGMOID:
        return StepActivation.SIGMOID;
      case RELU:
        return StepActivation.RELU;
      default:
        return StepActivation.LINEAR;
    }
  }

  static Kernel simple(Recurrent.Simple op, List<TensorSpec> in, List<TensorSpec> out) {
    RnnShape s = shape(in, op.reverse());
    StepActivation act = activation(op);
    return sequence(
        in,
        out,
        op.reverse(),
        1,
        (x, w, r, y) ->
            SimpleRnnKernels.forward(
                s,
                act,
                span(x[0]),
                w,
                r,
                op.useBias() ? span(x[3]) : null,
                span(x[x.length - 1]),
                span(y[0])));
  }

  static Floats simpleGradient(Recurrent.Simple op, FusedGradient g, List<TensorSpec> in) {
    RnnShape s = shape(in, op.reverse());
    StepActivation act = activation(op);
    int n = g.inputs();
    return (x, y) ->
        SimpleRnnKernels.backward(
            s,
            act,
            span(x[0]),
            span(x[1]),
            span(x[2]),
            span(x[n - 1]),
            span(x[n]),
            dout(g, x, 0),
            null,
            span(y[0]),
            span(y[1]),
            span(y[2]),
            bias(y, op.useBias()),
            span(y[n - 1]));
  }
}
