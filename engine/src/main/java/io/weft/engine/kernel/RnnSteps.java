package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import java.util.Arrays;

/**
 * What the recurrent kernels share: the product over all steps at once and the gradients that need
 * all steps. {@code width} is the number of columns of the kernels (gates · units).
 */
final class RnnSteps {
  private static final int BLOCK = 1 << 16; // floats
  private static final int ROWS = 128; // fewer in a product would leave it slow

  private RnnSteps() {}

  /** Steps whose x·W, {@code width} columns, are made at once: they stay in the second cache. */
  static int block(RnnShape s, int width) {
    int rows = Math.max(1, s.batch());
    int most = Math.max(BLOCK / Math.max(1, rows * width), (ROWS + rows - 1) / rows);
    return Math.max(1, Math.min(most, s.steps()));
  }

  /**
   * {@code x · w + b} of {@code length} steps from {@code t} on, in the order of processing: (step,
   * row of the batch, columns).
   *
   * @param bias of the gates, then of the candidate; null for none
   * @param z columns of the gates, from the start
   * @param candidate columns of the candidate, from the start; null without
   */
  static void inputProduct(
      RnnShape s,
      int t,
      int length,
      Span x,
      RnnWeights w,
      float[] bias,
      float[] z,
      float[] candidate) {
    int f = s.features();
    int rows = s.batch();
    int m = length * rows;
    boolean asIs = rows == 1 && !s.reverse();
    float[] turned = asIs ? null : Scratch.take(m * f);
    try {
      for (int i = 0; i < length && !asIs; i++) {
        int step = s.reverse() ? s.steps() - 1 - t - i : t + i;
        int from = x.offset() + step * f;
        copyRows(rows, f, x.array(), from, s.steps() * f, turned, i * rows * f, f);
      }
      float[] a = asIs ? x.array() : turned;
      int ao = asIs ? x.offset() + t * f : 0;
      product(m, f, a, ao, w.gates(), bias, 0, z);
      if (candidate != null) {
        product(m, f, a, ao, w.candidate(), bias, w.gates().n(), candidate);
      }
    } finally {
      Scratch.give(turned);
    }
  }

  private static void product(
      int m, int k, float[] a, int ao, PackedB b, float[] bias, int first, float[] z) {
    Epilogue e = bias == null ? null : Epilogue.bias(bias, first);
    Gemm.multiplyPacked(m, a, ao, k, 1, b, z, 0, b.n(), false, e);
  }

  /** Copies (batch, steps, features) with the steps turned round. */
  private static void reverse(RnnShape s, float[] x, int xo, float[] y, int yo) {
    int f = s.features();
    for (int b = 0; b < s.batch(); b++) {
      for (int t = 0; t < s.steps(); t++) {
        int from = xo + (b * s.steps() + s.steps() - 1 - t) * f;
        System.arraycopy(x, from, y, yo + (b * s.steps() + t) * f, f);
      }
    }
  }

  /** {@code dx = dz · wᵀ}, in the order of the input; dx may be null. */
  static void inputGradient(RnnShape s, int width, float[] dz, Span w, Span dx) {
    if (dx == null) {
      return;
    }
    int f = s.features();
    float[] turned = s.reverse() ? Scratch.take(s.rows() * f) : null;
    try {
      Gemm.multiply(
          s.rows(),
          f,
          width,
          dz,
          0,
          width,
          1,
          w.array(),
          w.offset(),
          1,
          width,
          s.reverse() ? turned : dx.array(),
          s.reverse() ? 0 : dx.offset(),
          f,
          false,
          null);
      if (s.reverse()) {
        reverse(s, turned, 0, dx.array(), dx.offset());
      }
    } finally {
      Scratch.give(turned);
    }
  }

  /** {@code dw = xᵀ · dz}. */
  static void kernelGradient(RnnShape s, int width, Span x, float[] dz, Span dw) {
    int f = s.features();
    float[] turned = s.reverse() ? Scratch.take(s.rows() * f) : null;
    try {
      if (s.reverse()) {
        reverse(s, x.array(), x.offset(), turned, 0);
      }
      Gemm.multiply(
          f,
          width,
          s.rows(),
          s.reverse() ? turned : x.array(),
          s.reverse() ? 0 : x.offset(),
          1,
          f,
          dz,
          0,
          width,
          1,
          dw.array(),
          dw.offset(),
          width,
          false,
          null);
    } finally {
      Scratch.give(turned);
    }
  }

  /**
   * {@code dr (units, columns) = h'ᵀ · dz} over columns {@code first … first + columns - 1} of dz
   * (rows of {@code width}), where h' (batch, steps, units) are the states before each step.
   */
  static void recurrentGradient(
      RnnShape s,
      float[] before,
      float[] dz,
      int width,
      int first,
      int columns,
      Span dr,
      int drWidth) {
    int u = s.units();
    Gemm.multiply(
        u,
        columns,
        s.rows(),
        before,
        0,
        1,
        u,
        dz,
        first,
        width,
        1,
        dr.array(),
        dr.offset() + first,
        drWidth,
        false,
        null);
  }

  /** The states before each step (batch, steps, units): h0, then h without its last step. */
  static void before(RnnShape s, Span h0, Span h, float[] result) {
    int u = s.units();
    int sequence = s.steps() * u;
    for (int b = 0; b < s.batch() && s.steps() > 0; b++) {
      int o = b * sequence;
      if (h0 == null) {
        Arrays.fill(result, o, o + u, 0f);
      } else {
        System.arraycopy(h0.array(), h0.offset() + b * u, result, o, u);
      }
      System.arraycopy(h.array(), h.offset() + o, result, o + u, sequence - u);
    }
  }

  /** Copies {@code rows} rows of n floats that lie {@code stride} apart. */
  static void copyRows(
      int rows, int n, float[] x, int xo, int strideX, float[] y, int yo, int strideY) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(x, xo + i * strideX, y, yo + i * strideY, n);
    }
  }

  /** {@code target = source}; null is left out. */
  static void copyOut(float[] source, Span target, int n) {
    if (target != null) {
      System.arraycopy(source, 0, target.array(), target.offset(), n);
    }
  }

  /** {@code target = source}, or zeros when source is null. */
  static void copyOrClear(Span source, float[] target, int to, int n) {
    if (source == null) {
      Arrays.fill(target, to, to + n, 0f);
    } else {
      System.arraycopy(source.array(), source.offset(), target, to, n);
    }
  }

  /** {@code dh += } gradient of the output at step t; null counts as zeros. */
  static void addStep(RnnShape s, Span dhs, int t, float[] dh) {
    if (dhs == null) {
      return;
    }
    int u = s.units();
    for (int b = 0; b < s.batch(); b++) {
      int o = dhs.offset() + (b * s.steps() + t) * u;
      ArrayKernel.get().add(dhs.array(), o, dh, b * u, u);
    }
  }
}
