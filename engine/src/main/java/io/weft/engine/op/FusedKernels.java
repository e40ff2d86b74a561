package io.weft.engine.op;

import static io.weft.engine.kernel.Span.of;

import io.weft.engine.kernel.AttentionKernels;
import io.weft.engine.kernel.AttentionMask;
import io.weft.engine.kernel.AttentionShape;
import io.weft.engine.kernel.RowKernels;
import io.weft.engine.op.Numeric.Floats;
import io.weft.fused.Attention;
import io.weft.fused.FusedGradient;
import io.weft.fused.LayerNorm;
import io.weft.fused.Recurrent;
import io.weft.fused.RmsNorm;
import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of the fused ops and their gradients; float64 goes by way of their decompositions. */
final class FusedKernels {
  private FusedKernels() {}

  /** Makes the work of a fused op on float arrays. */
  private interface Maker<O extends Op> {
    Floats make(O op, List<TensorSpec> in);
  }

  static void register(Kernels k) {
    put(k, LayerNorm.class, FusedKernels::layerNorm);
    put(k, RmsNorm.class, FusedKernels::rmsNorm);
    k.put(Attention.class, (op, in, out) -> attention(op, in, out));
    k.put(
        Recurrent.Lstm.class,
        (op, in, out) -> isDouble(in) ? null : RecurrentKernels.lstm(op, in, out));
    k.put(
        Recurrent.Gru.class,
        (op, in, out) -> isDouble(in) ? null : RecurrentKernels.gru(op, in, out));
    k.put(
        Recurrent.Simple.class,
        (op, in, out) -> isDouble(in) ? null : RecurrentKernels.simple(op, in, out));
    k.put(FusedGradient.class, FusedKernels::gradient);
  }

  private static <O extends Op> void put(Kernels k, Class<O> type, Maker<O> maker) {
    k.put(
        type,
        (op, in, out) -> isDouble(in) ? null : Numeric.floating(in, out, maker.make(op, in), null));
  }

  private static boolean isDouble(List<TensorSpec> in) {
    return in.get(0).dtype() == DType.FLOAT64;
  }

  private static Kernel gradient(FusedGradient op, List<TensorSpec> in, List<TensorSpec> out) {
    if (isDouble(in)) {
      return null;
    }
    Op f = op.forward();
    if (f instanceof Attention a) {
      return attentionGradient(a, op, in, out);
    }
    Floats work = null;
    if (f instanceof LayerNorm n) {
      work = normGradient(op, in, n.scale(), n.center(), true);
    } else if (f instanceof RmsNorm n) {
      work = normGradient(op, in, n.scale(), false, false);
    } else if (f instanceof Recurrent.Lstm r) {
      work = RecurrentKernels.lstmGradient(r, op, in);
    } else if (f instanceof Recurrent.Gru r) {
      work = RecurrentKernels.gruGradient(r, op, in);
    } else if (f instanceof Recurrent.Simple r) {
      work = RecurrentKernels.simpleGradient(r, op, in);
    }
    return work == null ? null : Numeric.floating(in, out, work, null);
  }

  private static int width(List<TensorSpec> in) {
    return in.get(0).shape().dim(-1);
  }

  private static int rows(List<TensorSpec> in) {
    Shape s = in.get(0).shape();
    return s.product(0, s.rank() - 1);
  }

  private static Floats layerNorm(LayerNorm op, List<TensorSpec> in) {
    int n = width(in);
    int rows = rows(in);
    float e = (float) op.epsilon();
    return (x, y) -> {
      float[] gamma = op.scale() ? x[1] : null;
      float[] beta = op.center() ? x[x.length - 1] : null;
      RowKernels.layerNorm(x[0], 0, gamma, 0, beta, 0, e, y[0], 0, y[1], 0, y[2], 0, rows, n);
    };
  }

  private static Floats rmsNorm(RmsNorm op, List<TensorSpec> in) {
    int n = width(in);
    int rows = rows(in);
    float e = (float) op.epsilon();
    return (x, y) ->
        RowKernels.rmsNorm(x[0], 0, op.scale() ? x[1] : null, 0, e, y[0], 0, y[1], 0, rows, n);
  }

  /** Inputs: x, parameters, then y and statistics, then dy. */
  private static Floats normGradient(
      FusedGradient op, List<TensorSpec> in, boolean scale, boolean center, boolean mean) {
    int n = width(in);
    int rows = rows(in);
    int at = op.inputs() + 1;
    return (x, y) ->
        RowKernels.normGradient(
            x[0],
            0,
            mean ? x[at] : null,
            0,
            x[mean ? at + 1 : at],
            0,
            scale ? x[1] : null,
            0,
            x[x.length - 1],
            0,
            y[0],
            0,
            scale ? y[1] : null,
            0,
            center ? y[y.length - 1] : null,
            0,
            rows,
            n);
  }

  private static Kernel attention(Attention op, List<TensorSpec> in, List<TensorSpec> out) {
    if (isDouble(in)) {
      return null;
    }
    AttentionShape s = shape(op, in);
    Masks masks = Masks.of(op, in);
    List<TensorSpec> floats = in.subList(0, op.hasBias() ? 4 : 3);
    return (all, y) -> {
      Object[] head = java.util.Arrays.copyOf(all, floats.size());
      Numeric.floating(
              floats,
              out,
              (x, r) ->
                  AttentionKernels.forward(
                      s, masks.at(x, all), of(x[0]), of(x[1]), of(x[2]), of(r[0]), of(r[1])),
              null)
          .run(head, y);
    };
  }

  /** Inputs: q, k, v, bias?, mask?, out, log-sum-exp, gradient of out. */
  private static Kernel attentionGradient(
      Attention op, FusedGradient g, List<TensorSpec> in, List<TensorSpec> out) {
    AttentionShape s = shape(op, in);
    Masks masks = Masks.of(op, in);
    int n = g.inputs();
    List<TensorSpec> floats = new java.util.ArrayList<>(in);
    if (op.hasMask()) {
      floats.remove(n - 1);
    }
    int m = op.hasBias() ? 4 : 3;
    return (all, y) -> {
      Object[] x = floats.size() == all.length ? all : without(all, n - 1);
      Numeric.floating(
              floats,
              out,
              (a, r) -> {
                AttentionKernels.backward(
                    s,
                    masks.at(a, all),
                    of(a[0]),
                    of(a[1]),
                    of(a[2]),
                    of(a[m]),
                    of(a[m + 1]),
                    of(a[m + 2]),
                    of(r[0]),
                    of(r[1]),
                    of(r[2]));
                if (op.hasBias()) {
                  java.util.Arrays.fill(r[3], 0); // the op's vjp does not come here if it is needed
                }
              },
              null)
          .run(x, y);
    };
  }

  private static Object[] without(Object[] all, int i) {
    Object[] r = new Object[all.length - 1];
    System.arraycopy(all, 0, r, 0, i);
    System.arraycopy(all, i + 1, r, i, r.length - i);
    return r;
  }

  private static AttentionShape shape(Attention op, List<TensorSpec> in) {
    Shape q = in.get(0).shape();
    Shape k = in.get(1).shape();
    return new AttentionShape(
        q.dim(0),
        q.dim(1),
        k.dim(1),
        q.dim(2),
        k.dim(2),
        q.dim(3),
        in.get(2).shape().dim(3),
        (float) op.scale(),
        op.causal());
  }

  /** Where bias and mask stand among the inputs, and their strides over the scores. */
  private record Masks(int[] bias, int[] keep, int keepAt, float masked) {
    static Masks of(Attention op, List<TensorSpec> in) {
      Shape q = in.get(0).shape();
      Shape scores = Shape.of(q.dim(0), q.dim(2), q.dim(1), in.get(1).shape().dim(1));
      int keepAt = op.hasBias() ? 4 : 3;
      return new Masks(
          op.hasBias() ? Strides.broadcast(in.get(3).shape(), scores) : null,
          op.hasMask() ? Strides.broadcast(in.get(keepAt).shape(), scores) : null,
          keepAt,
          (float) op.masked());
    }

    AttentionMask at(float[][] floats, Object[] all) {
      return new AttentionMask(
          bias == null ? null : floats[3],
          0,
          bias,
          keep == null ? null : (byte[]) all[keepAt],
          0,
          keep,
          masked);
    }
  }
}
