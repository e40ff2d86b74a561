package io.weft.engine.op;

import io.weft.engine.kernel.GruKernels;
import io.weft.engine.kernel.LstmKernels;
import io.weft.engine.kernel.RnnShape;
import io.weft.engine.kernel.SimpleRnnKernels;
import io.weft.engine.kernel.Span;
import io.weft.engine.kernel.StepActivation;
import io.weft.engine.op.Numeric.Floats;
import io.weft.fused.FusedGradient;
import io.weft.fused.Recurrent;
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

  private static Span span(float[] a) {
    return a == null ? null : Span.of(a);
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

  static Floats lstm(Recurrent.Lstm op, List<TensorSpec> in) {
    RnnShape s = shape(in, op.reverse());
    int h = op.useBias() ? 4 : 3;
    return (x, y) -> {
      LstmKernels.forward(
          s,
          span(x[0]),
          span(x[1]),
          span(x[2]),
          bias(x, op.useBias()),
          span(x[h]),
          span(x[h + 1]),
          span(y[0]),
          span(y[2]),
          span(y[3]));
      int u = s.units();
      for (int b = 0; b < s.batch(); b++) {
        boolean any = s.steps() > 0;
        int last = any ? ((b + 1) * s.steps() - 1) * u : b * u;
        System.arraycopy(any ? y[2] : x[h + 1], last, y[1], b * u, u);
      }
    };
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

  static Floats gru(Recurrent.Gru op, List<TensorSpec> in) {
    RnnShape s = shape(in, op.reverse());
    return (x, y) ->
        GruKernels.forward(
            s,
            op.resetAfter(),
            span(x[0]),
            span(x[1]),
            span(x[2]),
            bias(x, op.useBias()),
            span(x[x.length - 1]),
            span(y[0]),
            span(y[1]),
            span(y[2]));
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

  static Floats simple(Recurrent.Simple op, List<TensorSpec> in) {
    RnnShape s = shape(in, op.reverse());
    StepActivation act = activation(op);
    return (x, y) ->
        SimpleRnnKernels.forward(
            s,
            act,
            span(x[0]),
            span(x[1]),
            span(x[2]),
            bias(x, op.useBias()),
            span(x[x.length - 1]),
            span(y[0]));
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
