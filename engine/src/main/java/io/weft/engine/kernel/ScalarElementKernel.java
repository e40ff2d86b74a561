package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;

/** {@link ElementKernel} in plain loops: where all offsets are equal, in a form C2 vectorizes. */
final class ScalarElementKernel implements ElementKernel {
  private static final int BLOCK = 512;
  private static final int FEW = 64;

  @Override
  public boolean wantsOneOffset() {
    return true;
  }

  @Override
  public void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] + b[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  @Override
  public void subtract(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] - b[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  @Override
  public void multiply(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] * b[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  @Override
  public void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] / b[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  @Override
  public void maximum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = Math.max(a[i], b[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void minimum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = Math.min(a[i], b[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void equal(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] == b[bo + i] ? 1f : 0f;
    }
  }

  @Override
  public void greater(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] > b[bo + i] ? 1f : 0f;
    }
  }

  @Override
  public void greaterEqual(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] >= b[bo + i] ? 1f : 0f;
    }
  }

  @Override
  public void select(
      float[] m, int mo, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = m[mo + i] != 0 ? a[ao + i] : b[bo + i];
    }
  }

  /**
   * In copies, so that all arrays of a loop have one index, which does not pay for few elements.
   */
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
    if (n <= FEW) {
      finishFew(c, co, bias, factor, shift, at, relu, most, n);
      return;
    }
    int block = Math.min(n, BLOCK);
    float[] x = Scratch.take(block);
    float[] p = Scratch.take(block);
    float[] q = Scratch.take(block);
    try {
      for (int i = 0; i < n; i += block) {
        int count = Math.min(block, n - i);
        System.arraycopy(c, co + i, x, 0, count);
        if (bias != null) {
          System.arraycopy(bias, at + i, p, 0, count);
          add(x, 0, p, 0, x, 0, count);
        }
        if (factor != null) {
          System.arraycopy(factor, at + i, p, 0, count);
          System.arraycopy(shift, at + i, q, 0, count);
          scale(x, p, q, count);
        }
        clamp(x, relu, most, count);
        System.arraycopy(x, 0, c, co + i, count);
      }
    } finally {
      Scratch.give(q);
      Scratch.give(p);
      Scratch.give(x);
    }
  }

  private static void finishFew(
      float[] c,
      int co,
      float[] bias,
      float[] factor,
      float[] shift,
      int at,
      boolean relu,
      float most,
      int n) {
    for (int i = 0; i < n; i++) {
      float v = c[co + i];
      v = bias == null ? v : v + bias[at + i];
      v = factor == null ? v : v * factor[at + i] + shift[at + i];
      v = relu ? Math.max(v, 0f) : v;
      c[co + i] = most == Float.POSITIVE_INFINITY ? v : Math.min(v, most);
    }
  }

  private static void scale(float[] x, float[] factor, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = x[i] * factor[i] + shift[i];
    }
  }

  private static void clamp(float[] x, boolean relu, float most, int n) {
    if (relu) {
      for (int i = 0; i < n; i++) {
        x[i] = Math.max(x[i], 0f);
      }
    }
    if (most != Float.POSITIVE_INFINITY) {
      for (int i = 0; i < n; i++) {
        x[i] = Math.min(x[i], most);
      }
    }
  }

  @Override
  public void relu(float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = Math.max(x[i], 0f);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(x[xo + i], 0f);
    }
  }

  @Override
  public void absolute(float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = Math.abs(x[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.abs(x[xo + i]);
    }
  }

  @Override
  public void negate(float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = -x[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = -x[xo + i];
    }
  }

  @Override
  public void square(float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = x[i] * x[i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * x[xo + i];
    }
  }

  @Override
  public void sqrt(float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = (float) Math.sqrt(x[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
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
    float[] square = s == null ? g : s;
    if (go == at && s == null) {
      adam(weight[0], weight[1], weight[2], to[0], to[1], to[2], at, g, rates, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      float d = g[go + i];
      float q = s == null ? d * d : square[go + i];
      float m = weight[1][at + i];
      m = m + (d - m) * rates.rate1();
      float v = weight[2][at + i];
      v = v + (q - v) * rates.rate2();
      float root = (float) Math.sqrt(v);
      to[0][at + i] = weight[0][at + i] - m * rates.alpha() / (root + rates.epsilon());
      to[1][at + i] = m;
      to[2][at + i] = v;
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
      AdamRates rates,
      int n) {
    float rate1 = rates.rate1();
    float rate2 = rates.rate2();
    float alpha = rates.alpha();
    float epsilon = rates.epsilon();
    for (int i = at; i < at + n; i++) {
      m2[i] = m[i] + (g[i] - m[i]) * rate1;
    }
    for (int i = at; i < at + n; i++) {
      v2[i] = v[i] + (g[i] * g[i] - v[i]) * rate2;
    }
    for (int i = at; i < at + n; i++) {
      w2[i] = w[i] - m2[i] * alpha / ((float) Math.sqrt(v2[i]) + epsilon);
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
    lstmGradient(gates, zo, tanh, dh, dc, at, carry, co, dz, dzo, n, 0);
  }

  /** {@link #lstmGradient} for units from {@code first} on. */
  static void lstmGradient(
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
      int n,
      int first) {
    for (int j = first; j < n; j++) {
      float i = gates[zo + j];
      float f = gates[zo + n + j];
      float g = gates[zo + 2 * n + j];
      float o = gates[zo + 3 * n + j];
      float e = tanh[at + j];
      float d = dh[at + j];
      float k = dc[at + j] + d * o * (1f - e * e);
      float old = carry == null ? 0f : carry[co + j];
      dz[dzo + j] = k * g * i * (1f - i);
      dz[dzo + n + j] = k * old * f * (1f - f);
      dz[dzo + 2 * n + j] = k * i * (1f - g * g);
      dz[dzo + 3 * n + j] = d * e * o * (1f - o);
      dc[at + j] = k * f;
    }
  }
}
