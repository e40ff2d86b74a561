package io.weft.engine;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.kernel.AttentionKernels;
import io.weft.engine.kernel.AttentionMask;
import io.weft.engine.kernel.AttentionShape;
import io.weft.engine.kernel.ConvKernels;
import io.weft.engine.kernel.ConvShape;
import io.weft.engine.kernel.LstmKernels;
import io.weft.engine.kernel.MathF;
import io.weft.engine.kernel.PoolKernels;
import io.weft.engine.kernel.RnnShape;
import io.weft.engine.kernel.RnnWeights;
import io.weft.engine.kernel.RowKernels;
import io.weft.engine.kernel.Span;
import io.weft.engine.tier.KernelTier;
import java.util.Locale;

/**
 * Times of the heavy kernels on this machine; not a test. Arguments: parts of names to run. Use
 * {@code -Dweft.threads=1} for one core.
 */
final class KernelBench {
  private static String[] wanted = {};

  private KernelBench() {}

  public static void main(String[] args) {
    wanted = args;
    System.out.println(KernelTier.inJava() + " on " + Runtime.version() + ", best of many calls");
    gemm(256, 256, 256);
    gemm(512, 512, 512);
    gemm(1024, 1024, 1024);
    gemm(128, 512, 784);
    gemm(784, 512, 128);
    gemm(32, 512, 128);
    gemm(1, 512, 784);
    gemm(16, 16, 16);
    gemm(64, 64, 64);
    gemm(49, 512, 512);
    conv("conv3x3 56x56x64", 1, 56, 64, 64, 3, 1);
    conv("conv3x3 28x28x128", 1, 28, 128, 128, 3, 1);
    conv("conv3x3 26x26x32-64 b32", 32, 26, 32, 64, 3, 1);
    conv("conv3x3 28x28x1-32 b32", 32, 28, 1, 32, 3, 1);
    conv("depthwise 56x56x128", 1, 56, 128, 128, 3, 128);
    pool();
    rows();
    lstm(1);
    lstm(32);
    attention(128, 4, 64);
    attention(1024, 8, 64);
  }

  private static float[] floats(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) Math.sin(i * 0.37);
    }
    return x;
  }

  private static void time(String name, double gflop, Runnable body) {
    boolean run = wanted.length == 0;
    for (String w : wanted) {
      run |= name.contains(w);
    }
    if (!run) {
      return;
    }
    long best = Long.MAX_VALUE;
    long begin = System.nanoTime();
    int calls = 0;
    while (calls < 20 || System.nanoTime() - begin < 500_000_000L) {
      int batch = best > 100_000 ? 1 : 50;
      long t = System.nanoTime();
      for (int i = 0; i < batch; i++) {
        body.run();
      }
      best = Math.min(best, Math.max(1, (System.nanoTime() - t) / batch));
      calls++;
    }
    System.out.printf(
        Locale.ROOT, "%-32s %10.1f us %8.1f GFLOP/s%n", name, best / 1e3, gflop * 1e9 / best);
  }

  private static void gemm(int m, int n, int k) {
    float[] a = floats(m * k);
    float[] b = floats(n * k);
    float[] c = new float[m * n];
    double work = 2e-9 * m * n * k;
    String size = m + "x" + n + "x" + k;
    time(
        "gemm " + size,
        work,
        () -> Gemm.multiply(m, n, k, a, 0, k, 1, b, 0, n, 1, c, 0, n, false, null));
    PackedB packed = Gemm.pack(k, n, b, 0, n, 1);
    time(
        "gemm packed " + size,
        work,
        () -> Gemm.multiplyPacked(m, a, 0, k, 1, packed, c, 0, n, false, null));
    time(
        "gemm transposed " + size,
        work,
        () -> Gemm.multiply(m, n, k, a, 0, 1, m, b, 0, 1, k, c, 0, n, false, null));
  }

  private static void conv(String name, int batch, int size, int in, int out, int kernel, int g) {
    ConvShape s =
        new ConvShape(
            batch,
            new int[] {size, size},
            in,
            new int[] {kernel, kernel},
            out,
            new int[] {size, size},
            new int[] {1, 1},
            new int[] {1, 1},
            new int[] {kernel / 2, kernel / 2},
            g);
    float[] x = floats(s.inputSize());
    float[] w = floats(s.filterSize());
    float[] y = new float[s.outputSize()];
    float[] dx = new float[s.inputSize()];
    float[] dw = new float[s.filterSize()];
    double work = 2e-9 * s.outputSize() * s.taps() * in / g;
    time(name, work, () -> ConvKernels.forward(s, x, 0, w, 0, y, 0, null));
    time(name + " dx", work, () -> ConvKernels.inputGradient(s, y, 0, w, 0, dx, 0));
    time(name + " dw", work, () -> ConvKernels.filterGradient(s, x, 0, y, 0, dw, 0));
  }

  private static void pool() {
    ConvShape s =
        PoolKernels.shape(
            32,
            new int[] {24, 24},
            64,
            new int[] {2, 2},
            new int[] {12, 12},
            new int[] {2, 2},
            new int[] {0, 0});
    float[] x = floats(s.inputSize());
    float[] y = new float[s.outputSize()];
    float[] dx = new float[s.inputSize()];
    time("max pool 24x24x64 b32", 1e-9 * x.length, () -> PoolKernels.max(s, x, 0, y, 0));
    time("max pool gradient", 1e-9 * x.length, () -> PoolKernels.maxGradient(s, x, 0, y, 0, dx, 0));
  }

  private static void rows() {
    int n = 1024 * 512;
    float[] x = floats(n);
    float[] y = new float[n];
    float[] g = floats(512);
    float[] mean = new float[1024];
    double one = 1e-9 * n;
    time("softmax 1024x512", one, () -> RowKernels.softmax(x, 0, y, 0, 1024, 512));
    time(
        "layer norm 1024x512",
        one,
        () -> RowKernels.layerNorm(x, 0, g, 0, g, 0, 1e-3f, y, 0, mean, 0, mean, 0, 1024, 512));
    time("exp 512k", one, () -> MathF.exp(x, 0, y, 0, n));
    time("exp 512k offset", one, () -> MathF.exp(x, 1, y, 0, n - 1));
    time("tanh 512k", one, () -> MathF.tanh(x, 0, y, 0, n));
    time("sigmoid 512k", one, () -> MathF.sigmoid(x, 0, y, 0, n));
    time("gelu 512k", one, () -> MathF.gelu(x, 0, y, 0, n));
    time("log 512k", one, () -> MathF.log(y, 0, x.clone(), 0, n));
  }

  private static void lstm(int batch) {
    RnnShape s = new RnnShape(batch, 80, 128, 128, false);
    Span x = Span.of(floats(batch * 80 * 128));
    Span w = Span.of(floats(128 * 512));
    RnnWeights packed = RnnWeights.pack(128, 128, 4, w.array());
    Span bias = Span.of(floats(512));
    Span h = Span.of(new float[batch * 80 * 128]);
    Span c = Span.of(new float[batch * 80 * 128]);
    Span gates = Span.of(new float[batch * 80 * 512]);
    Span dx = Span.of(new float[batch * 80 * 128]);
    Span dw = Span.of(new float[128 * 512]);
    Span dr = Span.of(new float[128 * 512]);
    Span db = Span.of(new float[512]);
    double work = 2e-9 * batch * 80 * 256 * 512;
    time(
        "lstm b" + batch + " t80 128",
        work,
        () -> LstmKernels.forward(s, x, packed, packed, bias, null, null, h, null, c, gates));
    time(
        "lstm backward b" + batch,
        2 * work,
        () ->
            LstmKernels.backward(
                s, x, w, w, null, null, h, c, gates, h, null, null, dx, dw, dr, db, null, null));
  }

  private static void attention(int steps, int heads, int dim) {
    AttentionShape s = new AttentionShape(1, steps, steps, heads, heads, dim, dim, 0.125f, false);
    Span q = Span.of(floats(steps * heads * dim));
    Span out = Span.of(new float[steps * heads * dim]);
    Span lse = Span.of(new float[steps * heads]);
    Span dq = Span.of(new float[steps * heads * dim]);
    Span dk = Span.of(new float[steps * heads * dim]);
    Span dv = Span.of(new float[steps * heads * dim]);
    double work = 4e-9 * steps * steps * heads * dim;
    AttentionMask none = AttentionMask.NONE;
    time(
        "attention " + steps + "x" + heads + "x" + dim,
        work,
        () -> AttentionKernels.forward(s, none, q, q, q, out, lse));
    time(
        "attention backward " + steps,
        2.5 * work,
        () -> AttentionKernels.backward(s, none, q, q, q, out, lse, out, dq, dk, dv));
  }
}
