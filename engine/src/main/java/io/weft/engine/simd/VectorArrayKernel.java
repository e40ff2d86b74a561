package io.weft.engine.simd;

import io.weft.engine.kernel.ArrayKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Loops over runs of floats with the Vector API; four partial sums of one vector each. */
public final class VectorArrayKernel implements ArrayKernel {
  private static final int L = Tiles.L;

  /** Made by name; see {@link io.weft.engine.tier.KernelTier}. */
  public VectorArrayKernel() {}

  private static FloatVector at(float[] x, int i) {
    return FloatVector.fromArray(Tiles.S, x, i);
  }

  @Override
  public float sum(float[] x, int xo, int n) {
    FloatVector s0 = FloatVector.zero(Tiles.S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i + 4 * L <= n; i += 4 * L) {
      s0 = s0.add(at(x, xo + i));
      s1 = s1.add(at(x, xo + i + L));
      s2 = s2.add(at(x, xo + i + 2 * L));
      s3 = s3.add(at(x, xo + i + 3 * L));
    }
    for (; i + L <= n; i += L) {
      s0 = s0.add(at(x, xo + i));
    }
    float tail = 0;
    for (; i < n; i++) {
      tail += x[xo + i];
    }
    return total(s0.add(s2).add(s1.add(s3))) + tail;
  }

  /** Sum of the lanes in halves: {@code reduceLanes} may take any order. */
  private static float total(FloatVector v) {
    float[] lanes = new float[L];
    v.intoArray(lanes, 0);
    for (int half = L / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    FloatVector s0 = FloatVector.zero(Tiles.S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i + 4 * L <= n; i += 4 * L) {
      s0 = at(x, xo + i).fma(at(y, yo + i), s0);
      s1 = at(x, xo + i + L).fma(at(y, yo + i + L), s1);
      s2 = at(x, xo + i + 2 * L).fma(at(y, yo + i + 2 * L), s2);
      s3 = at(x, xo + i + 3 * L).fma(at(y, yo + i + 3 * L), s3);
    }
    for (; i + L <= n; i += L) {
      s0 = at(x, xo + i).fma(at(y, yo + i), s0);
    }
    float tail = 0;
    for (; i < n; i++) {
      tail += x[xo + i] * y[yo + i];
    }
    return total(s0.add(s2).add(s1.add(s3))) + tail;
  }

  @Override
  public float squares(float[] x, int xo, int n, float center) {
    FloatVector s0 = FloatVector.zero(Tiles.S);
    FloatVector s1 = s0;
    int i = 0;
    for (; i + 2 * L <= n; i += 2 * L) {
      FloatVector d = at(x, xo + i).sub(center);
      FloatVector e = at(x, xo + i + L).sub(center);
      s0 = d.fma(d, s0);
      s1 = e.fma(e, s1);
    }
    for (; i + L <= n; i += L) {
      FloatVector d = at(x, xo + i).sub(center);
      s0 = d.fma(d, s0);
    }
    float tail = 0;
    for (; i < n; i++) {
      float d = x[xo + i] - center;
      tail += d * d;
    }
    return total(s0.add(s1)) + tail;
  }

  @Override
  public float max(float[] x, int xo, int n) {
    float m = Float.NEGATIVE_INFINITY;
    int i = 0;
    if (n >= 2 * L) {
      FloatVector m0 = at(x, xo);
      FloatVector m1 = at(x, xo + L);
      for (i = 2 * L; i + 2 * L <= n; i += 2 * L) {
        m0 = m0.max(at(x, xo + i));
        m1 = m1.max(at(x, xo + i + L));
      }
      float[] lanes = new float[L];
      m0.max(m1).intoArray(lanes, 0);
      for (float v : lanes) {
        m = Math.max(m, v);
      }
    }
    for (; i < n; i++) {
      m = Math.max(m, x[xo + i]);
    }
    return m;
  }

  @Override
  public void affine(float[] x, int xo, float scale, float shift, float[] y, int yo, int n) {
    int i = 0;
    FloatVector s = FloatVector.broadcast(Tiles.S, scale);
    FloatVector t = FloatVector.broadcast(Tiles.S, shift);
    for (; i + L <= n; i += L) {
      at(x, xo + i).fma(s, t).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(x[xo + i], scale, shift);
    }
  }

  @Override
  public void add(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(y, yo + i).add(at(x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }

  @Override
  public void addScaled(float[] x, int xo, float scale, float[] y, int yo, int n) {
    int i = 0;
    FloatVector s = FloatVector.broadcast(Tiles.S, scale);
    for (; i + L <= n; i += L) {
      at(x, xo + i).fma(s, at(y, yo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(x[xo + i], scale, y[yo + i]);
    }
  }

  @Override
  public void addProduct(float[] x, int xo, float[] w, int wo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(x, xo + i).fma(at(w, wo + i), at(y, yo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(x[xo + i], w[wo + i], y[yo + i]);
    }
  }

  @Override
  public void sumOfProducts(int count, float[] x, int[] xs, float[][] w, float[] y, int yo, int n) {
    int i = 0;
    for (; i + 4 * L <= n; i += 4 * L) {
      FloatVector a = FloatVector.zero(Tiles.S);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      for (int t = 0; t < count; t++) {
        int p = xs[t] + i;
        float[] u = w[t];
        a = at(x, p).fma(at(u, i), a);
        b = at(x, p + L).fma(at(u, i + L), b);
        c = at(x, p + 2 * L).fma(at(u, i + 2 * L), c);
        d = at(x, p + 3 * L).fma(at(u, i + 3 * L), d);
      }
      a.intoArray(y, yo + i);
      b.intoArray(y, yo + i + L);
      c.intoArray(y, yo + i + 2 * L);
      d.intoArray(y, yo + i + 3 * L);
    }
    for (; i + L <= n; i += L) {
      FloatVector a = FloatVector.zero(Tiles.S);
      for (int t = 0; t < count; t++) {
        a = at(x, xs[t] + i).fma(at(w[t], i), a);
      }
      a.intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float a = 0;
      for (int t = 0; t < count; t++) {
        a = Math.fma(x[xs[t] + i], w[t][i], a);
      }
      y[yo + i] = a;
    }
  }

  @Override
  public void multiply(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(y, yo + i).mul(at(x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] *= x[xo + i];
    }
  }

  @Override
  public void maximum(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(y, yo + i).max(at(x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(y[yo + i], x[xo + i]);
    }
  }

  @Override
  public void centeredProduct(
      float[] y, int yo, float[] dy, int dyo, float dot, float[] dx, int dxo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(dy, dyo + i).sub(dot).mul(at(y, yo + i)).intoArray(dx, dxo + i);
    }
    for (; i < n; i++) {
      dx[dxo + i] = y[yo + i] * (dy[dyo + i] - dot);
    }
  }

  @Override
  public void normGradient(
      float[] g,
      int go,
      float[] h,
      int ho,
      float scale,
      float a,
      float b,
      float[] dx,
      int dxo,
      int n) {
    int i = 0;
    FloatVector minus = FloatVector.broadcast(Tiles.S, -b);
    for (; i + L <= n; i += L) {
      at(h, ho + i).fma(minus, at(g, go + i).sub(a)).mul(scale).intoArray(dx, dxo + i);
    }
    for (; i < n; i++) {
      dx[dxo + i] = Math.fma(h[ho + i], -b, g[go + i] - a) * scale;
    }
  }

  @Override
  public void firstLargest(float[] x, int xo, float tap, float[] best, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      FloatVector v = at(x, xo + i);
      FloatVector b = at(best, i);
      VectorMask<Float> larger = v.compare(VectorOperators.GT, b);
      b.blend(v, larger).intoArray(best, i);
      at(best, n + i).blend(tap, larger).intoArray(best, n + i);
    }
    for (; i < n; i++) {
      if (x[xo + i] > best[i]) {
        best[i] = x[xo + i];
        best[n + i] = tap;
      }
    }
  }

  @Override
  public void addWhereEqual(
      float[] keys, int ko, float key, float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    FloatVector zero = FloatVector.zero(Tiles.S);
    for (; i + L <= n; i += L) {
      VectorMask<Float> equal = at(keys, ko + i).compare(VectorOperators.EQ, key);
      at(y, yo + i).add(zero.blend(at(x, xo + i), equal)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += keys[ko + i] == key ? x[xo + i] : 0f;
    }
  }
}
