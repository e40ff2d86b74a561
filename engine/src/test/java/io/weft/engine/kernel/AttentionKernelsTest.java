package io.weft.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionKernelsTest {
  private static double score(
      AttentionShape s, AttentionMask m, double[] q, double[] k, int b, int h, int t, int j) {
    int kv = h / (s.heads() / s.kvHeads());
    double sum = 0;
    for (int d = 0; d < s.dim(); d++) {
      sum +=
          q[((b * s.steps() + t) * s.heads() + h) * s.dim() + d]
              * k[((b * s.sources() + j) * s.kvHeads() + kv) * s.dim() + d];
    }
    sum *= s.scale();
    if (m.bias() != null) {
      int[] st = m.biasStrides();
      sum += m.bias()[m.biasOffset() + b * st[0] + h * st[1] + t * st[2] + j * st[3]];
    }
    boolean hidden = s.causal() && j > t;
    if (m.keep() != null) {
      int[] st = m.keepStrides();
      hidden |= m.keep()[m.keepOffset() + b * st[0] + h * st[1] + t * st[2] + j * st[3]] == 0;
    }
    return hidden ? sum + m.masked() : sum;
  }

  private static double[] attend(
      AttentionShape s, AttentionMask m, double[] q, double[] k, double[] v) {
    int length = s.heads() * s.valueDim();
    double[] out = new double[s.batch() * s.steps() * length];
    for (int b = 0; b < s.batch(); b++) {
      for (int h = 0; h < s.heads(); h++) {
        int kv = h / (s.heads() / s.kvHeads());
        for (int t = 0; t < s.steps(); t++) {
          double[] e = new double[s.sources()];
          double max = Double.NEGATIVE_INFINITY;
          for (int j = 0; j < e.length; j++) {
            e[j] = score(s, m, q, k, b, h, t, j);
            max = Math.max(max, e[j]);
          }
          double sum = 0;
          for (int j = 0; j < e.length; j++) {
            e[j] = max == Double.NEGATIVE_INFINITY ? 0 : Math.exp(e[j] - max);
            sum += e[j];
          }
          for (int j = 0; j < e.length && sum > 0; j++) {
            for (int d = 0; d < s.valueDim(); d++) {
              out[(b * s.steps() + t) * length + h * s.valueDim() + d] +=
                  e[j] / sum * v[((b * s.sources() + j) * s.kvHeads() + kv) * s.valueDim() + d];
            }
          }
        }
      }
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void matchesDoubleLoopsAndCentralDifferences(int seed) {
    Rand r = new Rand(seed);
    boolean large = seed >= 10;
    int kvHeads = r.in(1, 2);
    int heads = kvHeads * r.in(1, 2);
    int steps = large ? 300 : r.in(1, 6);
    int sources = large ? 520 : r.in(1, 7);
    int dim = r.in(1, 9);
    AttentionShape s =
        new AttentionShape(
            r.in(1, 2), steps, sources, heads, kvHeads, dim, r.in(1, 6), 0.7f, seed % 3 == 1);
    float[] bias = r.floats(heads * sources + 1);
    byte[] keep = new byte[s.batch() * steps * sources + 2];
    for (int i = 0; i < keep.length; i++) {
      keep[i] = (byte) (r.in(0, 3) == 0 ? 0 : 1);
    }
    AttentionMask mask =
        switch (seed % 4) {
          case 0 -> AttentionMask.NONE;
          case 1 ->
              new AttentionMask(
                  bias, 1, new int[] {0, sources, 0, 1}, null, 0, null, Float.NEGATIVE_INFINITY);
          default ->
              new AttentionMask(
                  null,
                  0,
                  null,
                  keep,
                  2,
                  new int[] {steps * sources, 0, sources, 1},
                  Float.NEGATIVE_INFINITY);
        };
    float[] q = r.floats(s.batch() * steps * heads * dim + 1);
    float[] k = r.floats(s.batch() * sources * kvHeads * dim + 2);
    float[] v = r.floats(s.batch() * sources * kvHeads * s.valueDim());
    int size = s.batch() * steps * heads * s.valueDim();
    float[] dout = r.floats(size);
    float[] out = new float[size];
    float[] lse = new float[s.batch() * heads * steps];
    float[] dq = new float[q.length];
    float[] dk = new float[k.length];
    float[] dv = new float[v.length];
    Span qs = new Span(q, 1);
    Span ks = new Span(k, 2);
    AttentionKernels.forward(s, mask, qs, ks, Span.of(v), Span.of(out), Span.of(lse));
    AttentionKernels.backward(
        s,
        mask,
        qs,
        ks,
        Span.of(v),
        Span.of(out),
        Span.of(lse),
        Span.of(dout),
        new Span(dq, 1),
        new Span(dk, 2),
        Span.of(dv));
    double[][] d = {
      Rand.doubles(q, 1, q.length - 1),
      Rand.doubles(k, 2, k.length - 2),
      Rand.doubles(v, 0, v.length)
    };
    Rand.close("out", out, 0, attend(s, mask, d[0], d[1], d[2]), 1e-5);
    float[][] got = {
      Arrays.copyOfRange(dq, 1, dq.length), Arrays.copyOfRange(dk, 2, dk.length), dv
    };
    for (int g = 0; g < 3; g++) {
      int stride = large ? Math.max(1, d[g].length / 4) : Math.max(1, d[g].length / 40);
      for (int i = 0; i < d[g].length; i += stride) {
        double old = d[g][i];
        double e = 1e-5;
        d[g][i] = old + e;
        double up = dot(attend(s, mask, d[0], d[1], d[2]), dout);
        d[g][i] = old - e;
        double down = dot(attend(s, mask, d[0], d[1], d[2]), dout);
        d[g][i] = old;
        Rand.close("d" + g + "," + i, got[g], i, new double[] {(up - down) / (2 * e)}, 1e-4);
      }
    }
  }

  private static double dot(double[] a, float[] b) {
    double s = 0;
    for (int i = 0; i < a.length; i++) {
      s += a[i] * b[i];
    }
    return s;
  }

  @Test
  void hiddenRowIsFlatWithAFiniteMaskAndZeroWithAnInfiniteOne() {
    AttentionShape s = new AttentionShape(1, 1, 4, 1, 1, 1, 1, 1f, false);
    float[] one = {1};
    float[] k = {1, 2, 3, 4};
    float[] v = {4, 8, 12, 16};
    float[] out = new float[1];
    for (float masked : new float[] {-1e9f, Float.NEGATIVE_INFINITY}) {
      AttentionMask mask =
          new AttentionMask(null, 0, null, new byte[1], 0, new int[] {0, 0, 0, 0}, masked);
      AttentionKernels.forward(s, mask, Span.of(one), Span.of(k), Span.of(v), Span.of(out), null);
      assertThat(out[0]).isEqualTo(masked == -1e9f ? 10f : 0f);
    }
  }
}
