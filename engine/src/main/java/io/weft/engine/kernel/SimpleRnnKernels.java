package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import java.util.Arrays;

/**
 * A whole sequence of {@code h' = act(x·W + h·R + b)}. Kernel W (features, units), recurrent kernel
 * R (units, units), bias (units).
 */
public final class SimpleRnnKernels {
  private SimpleRnnKernels() {}

  /**
   * Forward.
   *
   * @param bias may be null
   * @param h0 first state (batch, units); null for zeros
   * @param h all outputs (batch, steps, units), written
   */
  public static void forward(
      RnnShape s,
      StepActivation act,
      Span x,
      RnnWeights w,
      RnnWeights r,
      Span bias,
      Span h0,
      Span h) {
    int u = s.units();
    int steps = s.steps();
    float[] b =
        bias == null ? null : Arrays.copyOfRange(bias.array(), bias.offset(), bias.offset() + u);
    s.inParts(
        (part, from) ->
            steps(
                part,
                act,
                Span.shift(x, from * steps * s.features()),
                w,
                r,
                b,
                Span.shift(h0, from * u),
                Span.shift(h, from * steps * u)));
  }

  /** All steps of some rows; a step's outputs are the state of the next. */
  private static void steps(
      RnnShape s,
      StepActivation act,
      Span x,
      RnnWeights w,
      RnnWeights r,
      float[] bias,
      Span h0,
      Span h) {
    int u = s.units();
    int rows = s.batch();
    int n = rows * u;
    int block = RnnSteps.block(s, u);
    float[] z = Scratch.take(block * n);
    float[] state = Scratch.take(n);
    try {
      RnnSteps.copyOrClear(h0, state, 0, n);
      for (int t = 0; t < s.steps(); t++) {
        int at = t % block * n;
        boolean first = t % block == 0;
        if (first) {
          if (t > 0) {
            System.arraycopy(z, (block - 1) * n, state, 0, n);
          }
          RnnSteps.inputProduct(s, t, Math.min(block, s.steps() - t), x, w, bias, z, null);
        }
        if (t > 0 || h0 != null) {
          float[] from = first ? state : z;
          int before = first ? 0 : at - n;
          Gemm.multiplyPacked(rows, from, before, u, 1, r.gates(), z, at, u, true, null);
        }
        act.apply(z, at, n);
        RnnSteps.copyRows(rows, u, z, at, u, h.array(), h.offset() + t * u, s.steps() * u);
      }
    } finally {
      Scratch.give(state);
      Scratch.give(z);
    }
  }

  /**
   * Gradients; every result is overwritten; dx, db and dh0 may be null.
   *
   * @param dh gradient of all outputs (batch, steps, units); null for zeros
   * @param dhLast gradient of the last state (batch, units), added to dh; null for zeros
   */
  public static void backward(
      RnnShape s,
      StepActivation act,
      Span x,
      Span w,
      Span r,
      Span h0,
      Span h,
      Span dh,
      Span dhLast,
      Span dx,
      Span dw,
      Span dr,
      Span db,
      Span dh0) {
    int u = s.units();
    int steps = s.steps();
    PackedB transposed = Gemm.borrow(u, u, r.array(), r.offset(), 1, u);
    float[] dz = Scratch.take(s.rows() * u);
    float[] before = Scratch.take(s.rows() * u);
    try {
      s.inParts(
          (part, from) ->
              stepsBack(
                  part,
                  act,
                  transposed,
                  Span.shift(h, from * steps * u),
                  Span.shift(dh, from * steps * u),
                  Span.shift(dhLast, from * u),
                  new Span(dz, from * steps * u),
                  Span.shift(dh0, from * u)));
      RnnSteps.before(s, h0, h, before);
      RnnSteps.kernelGradient(s, u, x, dz, dw);
      RnnSteps.recurrentGradient(s, before, dz, u, 0, u, dr, u);
      if (db != null) {
        ReduceKernels.sum(dz, 0, db.array(), db.offset(), 1, s.rows(), u);
      }
      RnnSteps.inputGradient(s, u, dz, w, dx);
    } finally {
      Scratch.give(before);
      Scratch.give(dz);
      Gemm.giveBack(transposed);
    }
  }

  private static void stepsBack(
      RnnShape s,
      StepActivation act,
      PackedB transposed,
      Span h,
      Span dh,
      Span dhLast,
      Span dz,
      Span dh0) {
    int u = s.units();
    int n = s.batch() * u;
    int stride = s.steps() * u;
    float[] dhNow = Scratch.take(n);
    try {
      RnnSteps.copyOrClear(dhLast, dhNow, 0, n);
      for (int t = s.steps() - 1; t >= 0; t--) {
        RnnSteps.addStep(s, dh, t, dhNow);
        for (int b = 0; b < s.batch(); b++) {
          int o = b * stride + t * u;
          for (int j = 0; j < u; j++) {
            float y = h.array()[h.offset() + o + j];
            dz.array()[dz.offset() + o + j] = dhNow[b * u + j] * act.derivative(y);
          }
        }
        int at = dz.offset() + t * u;
        Gemm.multiplyPacked(
            s.batch(), dz.array(), at, stride, 1, transposed, dhNow, 0, u, false, null);
      }
      RnnSteps.copyOut(dhNow, dh0, n);
    } finally {
      Scratch.give(dhNow);
    }
  }
}
