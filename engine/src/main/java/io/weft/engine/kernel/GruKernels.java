package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
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
  private static final ArrayKernel ARRAYS = ArrayKernel.get();

  private GruKernels() {}

  /**
   * Forward.
   *
   * @param w kernel of 3 gates
   * @param r recurrent kernel of 3 gates
   * @param bias may be null
   * @param h0 first state (batch, units); null for zeros
   * @param h all outputs (batch, steps, units), written
   * @param gates activated z, r, ĥ (batch, steps, 3·units), written; the gradient needs them; may
   *     be null
   * @param inner with reset after h·Rh + b', otherwise r·h (batch, steps, units), written; the
   *     gradient needs it; may be null
   */
  public static void forward(
      RnnShape s,
      boolean resetAfter,
      Span x,
      RnnWeights w,
      RnnWeights r,
      Span bias,
      Span h0,
      Span h,
      Span gates,
      Span inner) {
    int u = s.units();
    int steps = s.steps();
    Span second = resetAfter ? Span.shift(bias, 3 * u) : null;
    float[] b = bias == null ? null : Scratch.take(3 * u);
    try {
      if (bias != null) {
        System.arraycopy(bias.array(), bias.offset(), b, 0, 3 * u);
      }
      s.inParts(
          (part, from) ->
              steps(
                  part,
                  resetAfter,
                  Span.shift(x, from * steps * s.features()),
                  w,
                  r,
                  b,
                  second,
                  Span.shift(h0, from * u),
                  Span.shift(h, from * steps * u),
                  Span.shift(gates, from * steps * 3 * u),
                  Span.shift(inner, from * steps * u)));
    } finally {
      Scratch.give(b);
    }
  }

  /** All steps of some rows. Gates lie by step, then row: z, r of all rows, by themselves ĥ. */
  private static void steps(
      RnnShape s,
      boolean resetAfter,
      Span x,
      RnnWeights w,
      RnnWeights r,
      float[] bias,
      Span second,
      Span h0,
      Span h,
      Span gates,
      Span inner) {
    int u = s.units();
    int rows = s.batch();
    int n = rows * u;
    int stride = s.steps() * u;
    int block = RnnSteps.block(s, 3 * u);
    Epilogue plusZr = second == null ? null : Epilogue.bias(second.array(), second.offset());
    Epilogue plusH = second == null ? null : Epilogue.bias(second.array(), second.offset() + 2 * u);
    float[] state = Scratch.take(n);
    float[] in = Scratch.take(n);
    float[] zr = Scratch.take(block * 2 * n);
    float[] hh = Scratch.take(block * n);
    try {
      RnnSteps.copyOrClear(h0, state, 0, n);
      for (int t = 0; t < s.steps(); t++) {
        int z = t % block * 2 * n;
        int c = t % block * n;
        if (t % block == 0) {
          RnnSteps.inputProduct(s, t, Math.min(block, s.steps() - t), x, w, bias, zr, hh);
        }
        Gemm.multiplyPacked(rows, state, 0, u, 1, r.gates(), zr, z, 2 * u, true, plusZr);
        MathF.sigmoid(zr, z, zr, z, 2 * n);
        if (resetAfter) {
          Gemm.multiplyPacked(rows, state, 0, u, 1, r.candidate(), in, 0, u, false, plusH);
          for (int b = 0; b < rows; b++) {
            ARRAYS.addProduct(zr, z + (2 * b + 1) * u, in, b * u, hh, c + b * u, u);
          }
        } else {
          System.arraycopy(state, 0, in, 0, n);
          for (int b = 0; b < rows; b++) {
            ARRAYS.multiply(zr, z + (2 * b + 1) * u, in, b * u, u);
          }
          Gemm.multiplyPacked(rows, in, 0, u, 1, r.candidate(), hh, c, u, true, null);
        }
        MathF.tanh(hh, c, hh, c, n);
        for (int b = 0; b < rows; b++) {
          blend(zr, z + 2 * b * u, hh, c + b * u, state, b * u, u);
        }
        RnnSteps.copyRows(rows, u, state, 0, u, h.array(), h.offset() + t * u, stride);
        if (inner != null) {
          RnnSteps.copyRows(rows, u, in, 0, u, inner.array(), inner.offset() + t * u, stride);
        }
        for (int b = 0; b < rows && gates != null; b++) {
          int to = gates.offset() + (b * s.steps() + t) * 3 * u;
          RnnWeights.join(3, u, zr, z + 2 * b * u, hh, c + b * u, gates.array(), to);
        }
      }
    } finally {
      Scratch.give(hh);
      Scratch.give(zr);
      Scratch.give(in);
      Scratch.give(state);
    }
  }

  /** {@code h = z h + (1 - z) ĥ}. */
  private static void blend(
      float[] z, int zo, float[] candidate, int co, float[] h, int ho, int n) {
    for (int j = 0; j < n; j++) {
      h[ho + j] = z[zo + j] * h[ho + j] + (1f - z[zo + j]) * candidate[co + j];
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
    PackedB zr = Gemm.borrow(2 * u, u, r.array(), r.offset(), 1, 3 * u);
    PackedB hh = Gemm.borrow(u, u, r.array(), r.offset() + 2 * u, 1, 3 * u);
    float[] dz = Scratch.take(s.rows() * 3 * u); // gradients of x·W + b
    float[] di = Scratch.take(s.rows() * u); // of inner (reset after) or of r·h (before)
    float[] before = Scratch.take(s.rows() * u);
    try {
      RnnSteps.before(s, h0, h, before);
      s.inParts(
          (part, from) ->
              stepsBack(
                  part,
                  resetAfter,
                  zr,
                  hh,
                  Span.shift(gates, from * steps * 3 * u),
                  Span.shift(inner, from * steps * u),
                  new Span(before, from * steps * u),
                  Span.shift(dh, from * steps * u),
                  Span.shift(dhLast, from * u),
                  new Span(dz, from * steps * 3 * u),
                  new Span(di, from * steps * u),
                  Span.shift(dh0, from * u)));
      RnnSteps.kernelGradient(s, 3 * u, x, dz, dw);
      RnnSteps.recurrentGradient(s, before, dz, 3 * u, 0, 2 * u, dr, 3 * u);
      innerGradient(s, resetAfter, inner, before, dz, di, dr);
      if (db != null) {
        biasGradient(s, resetAfter, dz, di, db);
      }
      RnnSteps.inputGradient(s, 3 * u, dz, w, dx);
    } finally {
      Scratch.give(before);
      Scratch.give(di);
      Scratch.give(dz);
      Gemm.giveBack(hh);
      Gemm.giveBack(zr);
    }
  }

  /** Backward through the steps of some rows: fills dz and di. */
  private static void stepsBack(
      RnnShape s,
      boolean resetAfter,
      PackedB zr,
      PackedB hh,
      Span gates,
      Span inner,
      Span before,
      Span dh,
      Span dhLast,
      Span dz,
      Span di,
      Span dh0) {
    int u = s.units();
    int steps = s.steps();
    int rows = s.batch();
    int zStride = steps * 3 * u;
    float[] now = Scratch.take(rows * u);
    float[] next = Scratch.take(rows * u);
    try {
      RnnSteps.copyOrClear(dhLast, now, 0, rows * u);
      for (int t = steps - 1; t >= 0; t--) {
        RnnSteps.addStep(s, dh, t, now);
        for (int b = 0; b < rows; b++) {
          int o = b * steps + t;
          updateBack(u, gates, before, o, now, next, b * u, dz);
        }
        int z = dz.offset() + t * 3 * u;
        int in = di.offset() + t * u;
        if (!resetAfter) {
          Gemm.multiplyPacked(
              rows, dz.array(), z + 2 * u, zStride, 1, hh, di.array(), in, steps * u, false, null);
        }
        for (int b = 0; b < rows; b++) {
          resetBack(u, resetAfter, gates, inner, b * steps + t, before, dz, di, next, b * u);
        }
        Gemm.multiplyPacked(rows, dz.array(), z, zStride, 1, zr, next, 0, u, true, null);
        if (resetAfter) {
          Gemm.multiplyPacked(rows, di.array(), in, steps * u, 1, hh, next, 0, u, true, null);
        }
        System.arraycopy(next, 0, now, 0, rows * u);
      }
      RnnSteps.copyOut(now, dh0, rows * u);
    } finally {
      Scratch.give(next);
      Scratch.give(now);
    }
  }

  /** Through {@code h' = z h + (1 - z) ĥ} at row o: dz of z and ĥ, next = z dh'. */
  private static void updateBack(
      int u, Span gates, Span before, int o, float[] now, float[] next, int at, Span dz) {
    float[] z = gates.array();
    float[] h = before.array();
    float[] d = dz.array();
    int zo = gates.offset() + o * 3 * u;
    int ho = before.offset() + o * u;
    int to = dz.offset() + o * 3 * u;
    for (int j = 0; j < u; j++) {
      float update = z[zo + j];
      float candidate = z[zo + 2 * u + j];
      float g = now[at + j];
      d[to + j] = g * (h[ho + j] - candidate) * update * (1f - update);
      d[to + 2 * u + j] = g * (1f - update) * (1f - candidate * candidate);
      next[at + j] = g * update;
    }
  }

  /** Through the reset gate at row o: dz of r; di of inner, or what r·h adds to next. */
  private static void resetBack(
      int u,
      boolean resetAfter,
      Span gates,
      Span inner,
      int o,
      Span before,
      Span dz,
      Span di,
      float[] next,
      int at) {
    float[] d = dz.array();
    float[] i = di.array();
    int zo = gates.offset() + (o * 3 + 1) * u;
    int to = dz.offset() + (o * 3 + 1) * u;
    int io = di.offset() + o * u;
    float[] other = resetAfter ? inner.array() : before.array();
    int oo = o * u + (resetAfter ? inner.offset() : before.offset());
    for (int j = 0; j < u; j++) {
      float reset = gates.array()[zo + j];
      float g;
      if (resetAfter) {
        g = d[to + u + j];
        i[io + j] = g * reset;
      } else {
        g = i[io + j];
        next[at + j] += g * reset;
      }
      d[to + j] = g * other[oo + j] * reset * (1f - reset);
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
