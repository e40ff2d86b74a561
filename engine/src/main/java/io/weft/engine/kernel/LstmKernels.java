package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import java.util.Arrays;

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
   * @param bias may be null
   * @param h0 first state (batch, units); null for zeros
   * @param c0 first carry (batch, units); null for zeros
   * @param h all outputs (batch, steps, units), written
   * @param c all carries (batch, steps, units), written; the gradient needs them
   * @param gates activated gates (batch, steps, 4·units), written; the gradient needs them
   */
  public static void forward(
      RnnShape s, Span x, Span w, Span r, Span bias, Span h0, Span c0, Span h, Span c, Span gates) {
    int u = s.units();
    int steps = s.steps();
    RnnSteps.inputProduct(s, 4 * u, x, w, bias, gates.array(), gates.offset());
    PackedB recurrent = Gemm.pack(u, 4 * u, r.array(), r.offset(), 4 * u, 1);
    float[] zeros = Scratch.take(s.batch() * u);
    float[] tanh = Scratch.take(u);
    try {
      Arrays.fill(zeros, 0, s.batch() * u, 0f);
      for (int t = 0; t < steps; t++) {
        if (t > 0 || h0 != null) {
          Gemm.multiplyPacked(
              s.batch(),
              t > 0 ? h.array() : h0.array(),
              t > 0 ? h.offset() + (t - 1) * u : h0.offset(),
              t > 0 ? steps * u : u,
              1,
              recurrent,
              gates.array(),
              gates.offset() + t * 4 * u,
              steps * 4 * u,
              true,
              null);
        }
        for (int b = 0; b < s.batch(); b++) {
          int o = b * steps + t;
          float[] before = t > 0 ? c.array() : c0 == null ? zeros : c0.array();
          int beforeAt = t > 0 ? c.offset() + (o - 1) * u : c0 == null ? 0 : c0.offset() + b * u;
          step(
              u,
              gates.array(),
              gates.offset() + o * 4 * u,
              before,
              beforeAt,
              c.array(),
              c.offset() + o * u,
              h.array(),
              h.offset() + o * u,
              tanh);
        }
      }
    } finally {
      Scratch.give(tanh);
      Scratch.give(zeros);
    }
  }

  private static void step(
      int u,
      float[] z,
      int zo,
      float[] c0,
      int c0o,
      float[] c,
      int co,
      float[] h,
      int ho,
      float[] tanh) {
    MathF.sigmoid(z, zo, z, zo, 2 * u);
    MathF.tanh(z, zo + 2 * u, z, zo + 2 * u, u);
    MathF.sigmoid(z, zo + 3 * u, z, zo + 3 * u, u);
    for (int j = 0; j < u; j++) {
      c[co + j] = z[zo + u + j] * c0[c0o + j] + z[zo + j] * z[zo + 2 * u + j];
    }
    MathF.tanh(c, co, tanh, 0, u);
    for (int j = 0; j < u; j++) {
      h[ho + j] = z[zo + 3 * u + j] * tanh[j];
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
    int n = s.batch() * u;
    PackedB transposed = Gemm.pack(4 * u, u, r.array(), r.offset(), 1, 4 * u);
    float[] dz = Scratch.take(s.rows() * 4 * u);
    float[] before = Scratch.take(s.rows() * u);
    float[] dhNow = Scratch.take(n);
    float[] dcNow = Scratch.take(n);
    float[] tanh = Scratch.take(u);
    try {
      RnnSteps.copyOrClear(dhLast, dhNow, 0, n);
      RnnSteps.copyOrClear(dcLast, dcNow, 0, n);
      for (int t = steps - 1; t >= 0; t--) {
        RnnSteps.addStep(s, dh, t, dhNow);
        for (int b = 0; b < s.batch(); b++) {
          int o = b * steps + t;
          MathF.tanh(c.array(), c.offset() + o * u, tanh, 0, u);
          float[] carry = t > 0 ? c.array() : c0 == null ? null : c0.array();
          int carryAt = t > 0 ? c.offset() + (o - 1) * u : c0 == null ? 0 : c0.offset() + b * u;
          stepBack(
              u,
              gates.array(),
              gates.offset() + o * 4 * u,
              tanh,
              carry,
              carryAt,
              dhNow,
              dcNow,
              b * u,
              dz,
              o * 4 * u);
        }
        Gemm.multiplyPacked(
            s.batch(), dz, t * 4 * u, steps * 4 * u, 1, transposed, dhNow, 0, u, false, null);
      }
      if (dh0 != null) {
        System.arraycopy(dhNow, 0, dh0.array(), dh0.offset(), n);
      }
      if (dc0 != null) {
        System.arraycopy(dcNow, 0, dc0.array(), dc0.offset(), n);
      }
      RnnSteps.before(s, h0, h, before);
      RnnSteps.kernelGradient(s, 4 * u, x, dz, dw);
      RnnSteps.recurrentGradient(s, before, dz, 4 * u, 0, 4 * u, dr, 4 * u);
      if (db != null) {
        ReduceKernels.sum(dz, 0, db.array(), db.offset(), 1, s.rows(), 4 * u);
      }
      RnnSteps.inputGradient(s, 4 * u, dz, w, dx);
    } finally {
      Scratch.give(tanh);
      Scratch.give(dcNow);
      Scratch.give(dhNow);
      Scratch.give(before);
      Scratch.give(dz);
    }
  }

  private static void stepBack(
      int u,
      float[] z,
      int zo,
      float[] tanh,
      float[] carry,
      int carryAt,
      float[] dh,
      float[] dc,
      int at,
      float[] dz,
      int dzo) {
    for (int j = 0; j < u; j++) {
      float i = z[zo + j];
      float f = z[zo + u + j];
      float g = z[zo + 2 * u + j];
      float o = z[zo + 3 * u + j];
      float e = tanh[j];
      float d = dh[at + j];
      float k = dc[at + j] + d * o * (1f - e * e);
      float old = carry == null ? 0f : carry[carryAt + j];
      dz[dzo + j] = k * g * i * (1f - i);
      dz[dzo + u + j] = k * old * f * (1f - f);
      dz[dzo + 2 * u + j] = k * i * (1f - g * g);
      dz[dzo + 3 * u + j] = d * e * o * (1f - o);
      dc[at + j] = k * f;
    }
  }
}
