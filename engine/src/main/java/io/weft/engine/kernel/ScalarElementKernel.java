package io.weft.engine.kernel;

/** {@link ElementKernel} in plain loops: where all offsets are equal, in a form C2 vectorizes. */
final class ScalarElementKernel implements ElementKernel {
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
}
