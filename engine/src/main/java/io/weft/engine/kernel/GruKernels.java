package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;

/**
 * A whole GRU sequence with sigmoid gates and tanh, gate order z, r, h (Keras):
 *
 * <pre>
 * z = σ(x·Wz + h·Rz + …);  r = σ(x·Wr + h·Rr + …);  h' = z h + (1 - z) ĥ
 * reset after:   ĥ = tanh(x·Wh + b + r (h·Rh + b'))
 * reset before:  ĥ = tanh(x·Wh + b + (r h)·Rh)
 * </pre>
 *
 * Kernel W (features, 3·units), recurrent kernel R (units, 3·units); bias (3·units), with reset
 * after (2, 3·units): the second row belongs to the recurrent product.
 */
public final class GruKernels {
  private GruKernels() {}

  /**
   * Forward.
   *
   * @param bias may be null
   * @param h0 first state (batch, units); null for zeros
   * @param h all outputs (batch, steps, units), written
   * @param gates activated z, r, ĥ (batch, steps, 3·units), written; the gradient needs them
   * @param inner with reset after h·Rh + b', otherwise r·h (batch, steps, units), written; the
   *     gradient needs it
   */
  public static void forward(
      RnnShape s,
      boolean resetAfter,
      Span x,
      Span w,
      Span r,
      Span bias,
      Span h0,
      Span h,
      Span gates,
      Span inner) {
    int u = s.units();
    int steps = s.steps();
    int batch = s.batch();
    float[] z = gates.array();
    RnnSteps.inputProduct(s, 3 * u, x, w, bias, z, gates.offset());
    PackedB zr = Gemm.pack(u, 2 * u, r.array(), r.offset(), 3 * u, 1);
    PackedB hh = Gemm.pack(u, u, r.array(), r.offset() + 2 * u, 3 * u, 1);
    float[] state = Scratch.take(batch * u);
    try {
      RnnSteps.copyOrClear(h0, state, 0, batch * u);
      for (int t = 0; t < steps; t++) {
        int zt = gates.offset() + t * 3 * u;
        Gemm.multiplyPacked(batch, state, 0, u, 1, zr, z, zt, steps * 3 * u, true, null);
        int it = inner.offset() + t * u;
        if (resetAfter) {
          Gemm.multiplyPacked(batch, state, 0, u, 1, hh, inner.array(), it, steps * u, false, null);
        }
        for (int b = 0; b < batch; b++) {
          int g = zt + b * steps * 3 * u;
          int in = it + b * steps * u;
          if (resetAfter && bias != null) {
            add(bias.array(), bias.offset() + 3 * u, z, g, 2 * u);
            add(bias.array(), bias.offset() + 5 * u, inner.array(), in, u);
          }
          MathF.sigmoid(z, g, z, g, 2 * u);
          for (int j = 0; j < u; j++) {
            float reset = z[g + u + j];
            if (resetAfter) {
              z[g + 2 * u + j] += reset * inner.array()[in + j];
            } else {
              inner.array()[in + j] = reset * state[b * u + j];
            }
          }
        }
        if (!resetAfter) {
          Gemm.multiplyPacked(
              batch, inner.array(), it, steps * u, 1, hh, z, zt + 2 * u, steps * 3 * u, true, null);
        }
        for (int b = 0; b < batch; b++) {
          int g = zt + b * steps * 3 * u;
          MathF.tanh(z, g + 2 * u, z, g + 2 * u, u);
          int o = h.offset() + (b * steps + t) * u;
          for (int j = 0; j < u; j++) {
            float update = z[g + j];
            h.array()[o + j] = update * state[b * u + j] + (1f - update) * z[g + 2 * u + j];
          }
          System.arraycopy(h.array(), o, state, b * u, u);
        }
      }
    } finally {
      Scratch.give(state);
    }
  }

  private static void add(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }

  /**
   * Gradients. h, gates and inner are those of {@link #forward}; they are not changed. Every result
   * is overwritten; dx, db and dh0 may be null.
   *
   * @param dh gradient of all outputs (batch, steps, units); null for zeros
   * @param dhLast gradient of the last state (batch, units), added to dh; null for zeros
   */
  public static void backward(
      RnnShape s,
      boolean resetAfter,
      Span x,
      Span w,
      Span r,
      Span h0,
      Span h,
      Span gates,
      Span inner,
      Span dh,
      Span dhLast,
      Span dx,
      Span dw,
      Span dr,
      Span db,
      Span dh0) {
    int u = s.units();
    int steps = s.steps();
    int batch = s.batch();
    PackedB zr = Gemm.pack(2 * u, u, r.array(), r.offset(), 1, 3 * u);
    PackedB hh = Gemm.pack(u, u, r.array(), r.offset() + 2 * u, 1, 3 * u);
    float[] dz = Scratch.take(s.rows() * 3 * u); // gradients of x·W + b
    float[] di = Scratch.take(s.rows() * u); // of inner (reset after) or of r·h (before)
    float[] before = Scratch.take(s.rows() * u);
    float[] now = Scratch.take(batch * u);
    float[] next = Scratch.take(batch * u);
    try {
      RnnSteps.before(s, h0, h, before);
      RnnSteps.copyOrClear(dhLast, now, 0, batch * u);
      for (int t = steps - 1; t >= 0; t--) {
        RnnSteps.addStep(s, dh, t, now);
        for (int b = 0; b < batch; b++) {
          int o = b * steps + t;
          updateBack(u, gates, o * 3 * u, before, o * u, now, next, b * u, dz);
        }
        if (!resetAfter) {
          Gemm.multiplyPacked(
              batch, dz, (t * 3 + 2) * u, steps * 3 * u, 1, hh, di, t * u, steps * u, false, null);
        }
        for (int b = 0; b < batch; b++) {
          int o = b * steps + t;
          resetBack(u, resetAfter, gates, inner, o, before, dz, di, next, b * u);
        }
        Gemm.multiplyPacked(batch, dz, t * 3 * u, steps * 3 * u, 1, zr, next, 0, u, true, null);
        if (resetAfter) {
          Gemm.multiplyPacked(batch, di, t * u, steps * u, 1, hh, next, 0, u, true, null);
        }
        System.arraycopy(next, 0, now, 0, batch * u);
      }
      if (dh0 != null) {
        System.arraycopy(now, 0, dh0.array(), dh0.offset(), batch * u);
      }
      RnnSteps.kernelGradient(s, 3 * u, x, dz, dw);
      RnnSteps.recurrentGradient(s, before, dz, 3 * u, 0, 2 * u, dr, 3 * u);
      innerGradient(s, resetAfter, inner, before, dz, di, dr);
      if (db != null) {
        biasGradient(s, resetAfter, dz, di, db);
      }
      RnnSteps.inputGradient(s, 3 * u, dz, w, dx);
    } finally {
      Scratch.give(next);
      Scratch.give(now);
      Scratch.give(before);
      Scratch.give(di);
      Scratch.give(dz);
    }
  }

  /** Through {@code h' = z h + (1 - z) ĥ}: dz of z and ĥ, next = z dh'. */
  private static void updateBack(
      int u,
      Span gates,
      int g,
      float[] before,
      int bo,
      float[] now,
      float[] next,
      int at,
      float[] dz) {
    float[] z = gates.array();
    int go = gates.offset() + g;
    for (int j = 0; j < u; j++) {
      float update = z[go + j];
      float candidate = z[go + 2 * u + j];
      float d = now[at + j];
      dz[g + j] = d * (before[bo + j] - candidate) * update * (1f - update);
      dz[g + 2 * u + j] = d * (1f - update) * (1f - candidate * candidate);
      next[at + j] = d * update;
    }
  }

  /** Through the reset gate: dz of r; di of inner, or what r·h adds to next. */
  private static void resetBack(
      int u,
      boolean resetAfter,
      Span gates,
      Span inner,
      int o,
      float[] before,
      float[] dz,
      float[] di,
      float[] next,
      int at) {
    int g = o * 3 * u;
    for (int j = 0; j < u; j++) {
      float reset = gates.array()[gates.offset() + g + u + j];
      float d;
      if (resetAfter) {
        float candidate = dz[g + 2 * u + j];
        d = candidate * inner.array()[inner.offset() + o * u + j];
        di[o * u + j] = candidate * reset;
      } else {
        float product = di[o * u + j];
        d = product * before[o * u + j];
        next[at + j] += product * reset;
      }
      dz[g + u + j] = d * reset * (1f - reset);
    }
  }

  private static void innerGradient(
      RnnShape s, boolean resetAfter, Span inner, float[] before, float[] dz, float[] di, Span dr) {
    int u = s.units();
    float[] a = resetAfter ? before : inner.array();
    int ao = resetAfter ? 0 : inner.offset();
    float[] b = resetAfter ? di : dz;
    int bo = resetAfter ? 0 : 2 * u;
    int rsB = resetAfter ? u : 3 * u;
    Gemm.multiply(
        u,
        u,
        s.rows(),
        a,
        ao,
        1,
        u,
        b,
        bo,
        rsB,
        1,
        dr.array(),
        dr.offset() + 2 * u,
        3 * u,
        false,
        null);
  }

  private static void biasGradient(
      RnnShape s, boolean resetAfter, float[] dz, float[] di, Span db) {
    int u = s.units();
    ReduceKernels.sum(dz, 0, db.array(), db.offset(), 1, s.rows(), 3 * u);
    if (resetAfter) {
      System.arraycopy(db.array(), db.offset(), db.array(), db.offset() + 3 * u, 2 * u);
      ReduceKernels.sum(di, 0, db.array(), db.offset() + 5 * u, 1, s.rows(), u);
    }
  }
}
