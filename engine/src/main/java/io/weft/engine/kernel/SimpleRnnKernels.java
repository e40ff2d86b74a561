package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;

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
      RnnShape s, StepActivation act, Span x, Span w, Span r, Span bias, Span h0, Span h) {
    int u = s.units();
    int steps = s.steps();
    RnnSteps.inputProduct(s, u, x, w, bias, h.array(), h.offset());
    PackedB recurrent = Gemm.pack(u, u, r.array(), r.offset(), u, 1);
    for (int t = 0; t < steps; t++) {
      if (t > 0 || h0 != null) {
        Gemm.multiplyPacked(
            s.batch(),
            t > 0 ? h.array() : h0.array(),
            t > 0 ? h.offset() + (t - 1) * u : h0.offset(),
            t > 0 ? steps * u : u,
            1,
            recurrent,
            h.array(),
            h.offset() + t * u,
            steps * u,
            true,
            null);
      }
      for (int b = 0; b < s.batch(); b++) {
        act.apply(h.array(), h.offset() + (b * steps + t) * u, u);
      }
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
    int n = s.batch() * u;
    PackedB transposed = Gemm.pack(u, u, r.array(), r.offset(), 1, u);
    float[] dz = Scratch.take(s.rows() * u);
    float[] before = Scratch.take(s.rows() * u);
    float[] dhNow = Scratch.take(n);
    try {
      RnnSteps.copyOrClear(dhLast, dhNow, 0, n);
      for (int t = steps - 1; t >= 0; t--) {
        RnnSteps.addStep(s, dh, t, dhNow);
        for (int b = 0; b < s.batch(); b++) {
          int o = (b * steps + t) * u;
          for (int j = 0; j < u; j++) {
            dz[o + j] = dhNow[b * u + j] * act.derivative(h.array()[h.offset() + o + j]);
          }
        }
        Gemm.multiplyPacked(
            s.batch(), dz, t * u, steps * u, 1, transposed, dhNow, 0, u, false, null);
      }
      if (dh0 != null) {
        System.arraycopy(dhNow, 0, dh0.array(), dh0.offset(), n);
      }
      RnnSteps.before(s, h0, h, before);
      RnnSteps.kernelGradient(s, u, x, dz, dw);
      RnnSteps.recurrentGradient(s, before, dz, u, 0, u, dr, u);
      if (db != null) {
        ReduceKernels.sum(dz, 0, db.array(), db.offset(), 1, s.rows(), u);
      }
      RnnSteps.inputGradient(s, u, dz, w, dx);
    } finally {
      Scratch.give(dhNow);
      Scratch.give(before);
      Scratch.give(dz);
    }
  }
}
