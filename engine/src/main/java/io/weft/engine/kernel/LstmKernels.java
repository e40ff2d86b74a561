package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;

/**
 * A whole LSTM sequence with sigmoid gates and tanh, gate order i, f, c, o (Keras):
 *
 * <pre>
 * [i f g o] = x·W + h·R + b;  c' = σ(f) c + σ(i) tanh(g);  h' = σ(o) tanh(c')
 * </pre>
 *
 * Kernel W (features, 4·units), recurrent kernel R (units, 4·units), bias (4·units). Masks are the
 * caller's affair.
 */
public final class LstmKernels {
  private LstmKernels() {}

  /**
   * Forward.
   *
   * @param w kernel of 4 gates
   * @param r recurrent kernel of 4 gates
   * @param bias may be null
   * @param h0 first state (batch, units); null for zeros
   * @param c0 first carry (batch, units); null for zeros
   * @param h all outputs (batch, steps, units), written
   * @param cLast the last carry (batch, units), written; may be null
   * @param c all carries (batch, steps, units), written; the gradient needs them; may be null
   * @param gates activated gates (batch, steps, 4·units), written; the gradient needs them; may be
   *     null
   */
  public static void forward(
      RnnShape s,
      Span x,
      RnnWeights w,
      RnnWeights r,
      Span bias,
      Span h0,
      Span c0,
      Span h,
      Span cLast,
      Span c,
      Span gates) {
    int u = s.units();
    int steps = s.steps();
    float[] b = bias == null ? null : Scratch.take(4 * u);
    try {
      if (bias != null) {
        RnnWeights.reorder(4, u, bias.array(), bias.offset(), b, 0, b, 3 * u);
      }
      s.inParts(
          (part, from) ->
              steps(
                  part,
                  Span.shift(x, from * steps * s.features()),
                  w,
                  r,
                  b,
                  Span.shift(h0, from * u),
                  Span.shift(c0, from * u),
                  Span.shift(h, from * steps * u),
                  Span.shift(cLast, from * u),
                  Span.shift(c, from * steps * u),
                  Span.shift(gates, from * steps * 4 * u)));
    } finally {
      Scratch.give(b);
    }
  }

  /** All steps of some rows. Gates lie by step, then row: first i, f, o of all rows, then g. */
  private static void steps(
      RnnShape s,
      Span x,
      RnnWeights w,
      RnnWeights r,
      float[] bias,
      Span h0,
      Span c0,
      Span h,
      Span cLast,
      Span c,
      Span gates) {
    int u = s.units();
    int rows = s.batch();
    int n = rows * u;
    int stride = s.steps() * u;
    int block = RnnSteps.block(s, 4 * u);
    float[] state = Scratch.take(n);
    float[] carry = Scratch.take(n);
    float[] ifo = Scratch.take(block * 3 * n);
    float[] zg = Scratch.take(block * n);
    try {
      RnnSteps.copyOrClear(h0, state, 0, n);
      RnnSteps.copyOrClear(c0, carry, 0, n);
      for (int t = 0; t < s.steps(); t++) {
        int z = t % block * 3 * n;
        int zc = t % block * n;
        if (t % block == 0) {
          int length = Math.min(block, s.steps() - t);
          RnnSteps.inputProduct(s, t, length, x, w, bias, ifo, zg);
        }
        if (t > 0 || h0 != null) {
          Gemm.multiplyPacked(rows, state, 0, u, 1, r.gates(), ifo, z, 3 * u, true, null);
          Gemm.multiplyPacked(rows, state, 0, u, 1, r.candidate(), zg, zc, u, true, null);
        }
        MathF.lstmStep(rows, u, ifo, z, zg, zc, carry, state, gates != null);
        RnnSteps.copyRows(rows, u, state, 0, u, h.array(), h.offset() + t * u, stride);
        if (c != null) {
          RnnSteps.copyRows(rows, u, carry, 0, u, c.array(), c.offset() + t * u, stride);
        }
        for (int b = 0; b < rows && gates != null; b++) {
          int to = gates.offset() + (b * s.steps() + t) * 4 * u;
          RnnWeights.join(4, u, ifo, z + b * 3 * u, zg, zc + b * u, gates.array(), to);
        }
      }
      RnnSteps.copyOut(carry, cLast, n);
    } finally {
      Scratch.give(zg);
      Scratch.give(ifo);
      Scratch.give(carry);
      Scratch.give(state);
    }
  }

  /**
   * Gradients. h, c and gates are those of {@link #forward}; they are not changed. Every result is
   * overwritten; dx, db, dh0 and dc0 may be null.
   *
   * @param dh gradient of all outputs (batch, steps, units); null for zeros
   * @param dhLast gradient of the last output as a state (batch, units), added to dh; null for
   *     zeros
   * @param dcLast gradient of the last carry (batch, units); null for zeros
   */
  public static void backward(
      RnnShape s,
      Span x,
      Span w,
      Span r,
      Span h0,
      Span c0,
      Span h,
      Span c,
      Span gates,
      Span dh,
      Span dhLast,
      Span dcLast,
      Span dx,
      Span dw,
      Span dr,
      Span db,
      Span dh0,
      Span dc0) {
    int u = s.units();
    int steps = s.steps();
    PackedB transposed = Gemm.borrow(4 * u, u, r.array(), r.offset(), 1, 4 * u);
    float[] dz = Scratch.take(s.rows() * 4 * u);
    float[] before = Scratch.take(s.rows() * u);
    try {
      s.inParts(
          (part, from) ->
              stepsBack(
                  part,
                  transposed,
                  Span.shift(c0, from * u),
                  Span.shift(c, from * steps * u),
                  Span.shift(gates, from * steps * 4 * u),
                  Span.shift(dh, from * steps * u),
                  Span.shift(dhLast, from * u),
                  Span.shift(dcLast, from * u),
                  new Span(dz, from * steps * 4 * u),
                  Span.shift(dh0, from * u),
                  Span.shift(dc0, from * u)));
      RnnSteps.before(s, h0, h, before);
      RnnSteps.kernelGradient(s, 4 * u, x, dz, dw);
      RnnSteps.recurrentGradient(s, before, dz, 4 * u, 0, 4 * u, dr, 4 * u);
      if (db != null) {
        ReduceKernels.sum(dz, 0, db.array(), db.offset(), 1, s.rows(), 4 * u);
      }
      RnnSteps.inputGradient(s, 4 * u, dz, w, dx);
    } finally {
      Scratch.give(before);
      Scratch.give(dz);
      Gemm.giveBack(transposed);
    }
  }

  /** Backward through the steps of some rows: fills dz, the gradient of x·W + h·R + b. */
  private static void stepsBack(
      RnnShape s,
      PackedB transposed,
      Span c0,
      Span c,
      Span gates,
      Span dh,
      Span dhLast,
      Span dcLast,
      Span dz,
      Span dh0,
      Span dc0) {
    int u = s.units();
    int n = s.batch() * u;
    int stride = s.steps() * u;
    float[] dhNow = Scratch.take(n);
    float[] dcNow = Scratch.take(n);
    float[] tanh = Scratch.take(n);
    try {
      RnnSteps.copyOrClear(dhLast, dhNow, 0, n);
      RnnSteps.copyOrClear(dcLast, dcNow, 0, n);
      for (int t = s.steps() - 1; t >= 0; t--) {
        RnnSteps.addStep(s, dh, t, dhNow);
        RnnSteps.copyRows(s.batch(), u, c.array(), c.offset() + t * u, stride, tanh, 0, u);
        MathF.tanh(tanh, 0, tanh, 0, n);
        for (int b = 0; b < s.batch(); b++) {
          int o = b * s.steps() + t;
          float[] carry = t > 0 ? c.array() : c0 == null ? null : c0.array();
          int carryAt = t > 0 ? c.offset() + (o - 1) * u : c0 == null ? 0 : c0.offset() + b * u;
          ElementKernel.of(u)
              .lstmGradient(
                  gates.array(),
                  gates.offset() + o * 4 * u,
                  tanh,
                  dhNow,
                  dcNow,
                  b * u,
                  carry,
                  carryAt,
                  dz.array(),
                  dz.offset() + o * 4 * u,
                  u);
        }
        Gemm.multiplyPacked(
            s.batch(),
            dz.array(),
            dz.offset() + t * 4 * u,
            4 * stride,
            1,
            transposed,
            dhNow,
            0,
            u,
            false,
            null);
      }
      RnnSteps.copyOut(dhNow, dh0, n);
      RnnSteps.copyOut(dcNow, dc0, n);
    } finally {
      Scratch.give(tanh);
      Scratch.give(dcNow);
      Scratch.give(dhNow);
    }
  }
}
