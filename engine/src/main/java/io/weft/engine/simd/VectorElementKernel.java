package io.weft.engine.simd;

import io.weft.engine.kernel.AdamRates;
import io.weft.engine.kernel.ElementKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link ElementKernel} with the Vector API. */
public final class VectorElementKernel implements ElementKernel {
  private static final int L = Tiles.L;
  private static final ElementKernel TAIL = ElementKernel.portable();

  /** Made by name; see {@link io.weft.engine.tier.KernelTier}. */
  public VectorElementKernel() {}

  private static FloatVector at(float[] x, int i) {
    return FloatVector.fromArray(Tiles.S, x, i);
  }

  private static FloatVector bits(VectorMask<Float> m) {
    return FloatVector.zero(Tiles.S).blend(1f, m);
  }

  @Override
  public void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(a, ao + i).add(at(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  @Override
  public void subtract(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(a, ao + i).sub(at(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  @Override
  public void multiply(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(a, ao + i).mul(at(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  @Override
  public void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(a, ao + i).div(at(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  @Override
  public void maximum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(a, ao + i).max(at(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void minimum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(a, ao + i).min(at(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void equal(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      bits(at(a, ao + i).compare(VectorOperators.EQ, at(b, bo + i))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] == b[bo + i] ? 1f : 0f;
    }
  }

  @Override
  public void greater(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      bits(at(a, ao + i).compare(VectorOperators.GT, at(b, bo + i))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] > b[bo + i] ? 1f : 0f;
    }
  }

  @Override
  public void greaterEqual(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      bits(at(a, ao + i).compare(VectorOperators.GE, at(b, bo + i))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] >= b[bo + i] ? 1f : 0f;
    }
  }

  @Override
  public void select(
      float[] m, int mo, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      VectorMask<Float> keep = at(m, mo + i).compare(VectorOperators.NE, 0f);
      at(b, bo + i).blend(at(a, ao + i), keep).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = m[mo + i] != 0 ? a[ao + i] : b[bo + i];
    }
  }

  /** {@code max(v, 0)}; a comparison and a blend cost less than a maximum that minds NaN. */
  private static FloatVector positive(FloatVector v) {
    return v.blend(0f, v.compare(VectorOperators.LE, 0f));
  }

  @Override
  public void finish(
      float[] c,
      int co,
      float[] bias,
      float[] factor,
      float[] shift,
      int at,
      boolean relu,
      float most,
      int n) {
    boolean bounded = most != Float.POSITIVE_INFINITY;
    if (bias == null && factor == null) {
      TAIL.finish(c, co, null, null, null, at, relu, most, n);
      return;
    }
    if (!relu && !bounded && factor == null) {
      add(c, co, bias, at, c, co, n);
      return;
    }
    float low = relu ? 0f : Float.NEGATIVE_INFINITY;
    int m = n / L * L;
    if (factor == null) {
      biased(c, co, bias, at, low, most, m);
    } else if (bias == null) {
      scaled(c, co, factor, shift, at, low, most, m);
    } else {
      biasedAndScaled(c, co, bias, factor, shift, at, low, most, m);
    }
    for (int i = m; i < n; i++) {
      float v = bias == null ? c[co + i] : c[co + i] + bias[at + i];
      v = factor == null ? v : v * factor[at + i] + shift[at + i];
      c[co + i] = Math.min(Math.max(v, low), most);
    }
  }

  /** Between low and most; NaN stays. */
  private static FloatVector within(FloatVector v, float low, float most) {
    FloatVector w = v.blend(low, v.compare(VectorOperators.LE, low));
    return w.blend(most, w.compare(VectorOperators.GT, most));
  }

  private static void biased(float[] c, int co, float[] b, int at, float low, float most, int n) {
    for (int i = 0; i < n; i += L) {
      within(at(c, co + i).add(at(b, at + i)), low, most).intoArray(c, co + i);
    }
  }

  private static void scaled(
      float[] c, int co, float[] f, float[] s, int at, float low, float most, int n) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = at(c, co + i).mul(at(f, at + i)).add(at(s, at + i));
      within(v, low, most).intoArray(c, co + i);
    }
  }

  private static void biasedAndScaled(
      float[] c, int co, float[] b, float[] f, float[] s, int at, float low, float most, int n) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = at(c, co + i).add(at(b, at + i)).mul(at(f, at + i)).add(at(s, at + i));
      within(v, low, most).intoArray(c, co + i);
    }
  }

  @Override
  public void relu(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      positive(at(x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(x[xo + i], 0f);
    }
  }

  @Override
  public void absolute(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(x, xo + i).abs().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.abs(x[xo + i]);
    }
  }

  @Override
  public void negate(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(x, xo + i).neg().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = -x[xo + i];
    }
  }

  @Override
  public void square(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(x, xo + i).mul(at(x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * x[xo + i];
    }
  }

  @Override
  public void sqrt(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i + L <= n; i += L) {
      at(x, xo + i).sqrt().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = (float) Math.sqrt(x[xo + i]);
    }
  }

  @Override
  public void adam(
      float[][] weight,
      float[][] to,
      int at,
      float[] g,
      float[] s,
      int go,
      AdamRates rates,
      int n) {
    int i = n - n % L;
    adam(weight[0], weight[1], weight[2], to[0], to[1], to[2], at, g, s, go, rates, i);
    if (i < n) {
      TAIL.adam(weight, to, at + i, g, s, go + i, rates, n - i);
    }
  }

  private static void adam(
      float[] w,
      float[] m,
      float[] v,
      float[] w2,
      float[] m2,
      float[] v2,
      int at,
      float[] g,
      float[] s,
      int go,
      AdamRates rates,
      int n) {
    FloatVector rate1 = FloatVector.broadcast(Tiles.S, rates.rate1());
    FloatVector rate2 = FloatVector.broadcast(Tiles.S, rates.rate2());
    FloatVector alpha = FloatVector.broadcast(Tiles.S, rates.alpha());
    FloatVector epsilon = FloatVector.broadcast(Tiles.S, rates.epsilon());
    for (int i = 0; i < n; i += L) {
      FloatVector d = at(g, go + i);
      FloatVector q = s == null ? d.mul(d) : at(s, go + i);
      FloatVector p = at(m, at + i);
      p = p.add(d.sub(p).mul(rate1));
      FloatVector r = at(v, at + i);
      r = r.add(q.sub(r).mul(rate2));
      p.intoArray(m2, at + i);
      r.intoArray(v2, at + i);
      at(w, at + i).sub(p.mul(alpha).div(r.sqrt().add(epsilon))).intoArray(w2, at + i);
    }
  }

  @Override
  public void lstmCarry(float[] gates, int zo, float[] g, int go, float[] c, int co, int n) {
    int j = 0;
    for (; j + L <= n; j += L) {
      FloatVector kept = at(gates, zo + n + j).mul(at(c, co + j));
      kept.add(at(gates, zo + j).mul(at(g, go + j))).intoArray(c, co + j);
    }
    for (; j < n; j++) {
      c[co + j] = gates[zo + n + j] * c[co + j] + gates[zo + j] * g[go + j];
    }
  }

  @Override
  public void lstmGradient(
      float[] gates,
      int zo,
      float[] tanh,
      float[] dh,
      float[] dc,
      int at,
      float[] carry,
      int co,
      float[] dz,
      int dzo,
      int n) {
    FloatVector one = FloatVector.broadcast(Tiles.S, 1f);
    FloatVector zero = FloatVector.zero(Tiles.S);
    int j = 0;
    for (; j + L <= n; j += L) {
      FloatVector i = at(gates, zo + j);
      FloatVector f = at(gates, zo + n + j);
      FloatVector g = at(gates, zo + 2 * n + j);
      FloatVector o = at(gates, zo + 3 * n + j);
      FloatVector e = at(tanh, at + j);
      FloatVector d = at(dh, at + j);
      FloatVector k = at(dc, at + j).add(d.mul(o).mul(one.sub(e.mul(e))));
      FloatVector old = carry == null ? zero : at(carry, co + j);
      k.mul(g).mul(i).mul(one.sub(i)).intoArray(dz, dzo + j);
      k.mul(old).mul(f).mul(one.sub(f)).intoArray(dz, dzo + n + j);
      k.mul(i).mul(one.sub(g.mul(g))).intoArray(dz, dzo + 2 * n + j);
      d.mul(e).mul(o).mul(one.sub(o)).intoArray(dz, dzo + 3 * n + j);
      k.mul(f).intoArray(dc, at + j);
    }
    ElementKernel.lstmRest(gates, zo, tanh, dh, dc, at, carry, co, dz, dzo, n, j);
  }
}
