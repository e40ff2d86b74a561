package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;

/** Portable loops over the functions of {@link MathF}. */
final class ScalarMathKernel implements MathKernel {
  /** Not made for the exponential alone. */
  private static final class Arguments {
    static final Step MINUS_MAGNITUDE =
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            y[i] = -Math.abs(x[i]);
          }
        };

    static final Step TWICE_MAGNITUDE =
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            y[i] = 2f * Math.abs(x[i]);
          }
        };
  }

  /** {@code y} from x and the old y, elements 0 … n - 1. */
  @FunctionalInterface
  private interface Step {
    void run(float[] x, float[] y, int n);
  }

  /** By blocks: y = argument(x), y = e^y, end(x, y); both may be null. */
  private static void throughExp(
      Step argument, Step end, float[] x, int xo, float[] y, int yo, int n) {
    int block = Math.min(n, ScalarExp.BLOCK);
    float[] in = Scratch.take(block);
    float[] spoiled = Scratch.take(block);
    float[] exponents = Scratch.take(block);
    float[] out = Scratch.take(block);
    try {
      for (int i = 0; i < n; i += block) {
        int count = Math.min(block, n - i);
        System.arraycopy(x, xo + i, in, 0, count);
        if (argument != null) {
          argument.run(in, spoiled, count);
        } else {
          System.arraycopy(in, 0, spoiled, 0, count);
        }
        ScalarExp.run(spoiled, exponents, out, count);
        if (end != null) {
          end.run(in, out, count);
        }
        System.arraycopy(out, 0, y, yo + i, count);
      }
    } finally {
      Scratch.give(out);
      Scratch.give(exponents);
      Scratch.give(spoiled);
      Scratch.give(in);
    }
  }

  @Override
  public void exp(float[] x, int xo, float[] y, int yo, int n) {
    throughExp(null, null, x, xo, y, yo, n);
  }

  @Override
  public void log(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = MathF.log(x[xo + i]);
    }
  }

  @Override
  public void tanh(float[] x, int xo, float[] y, int yo, int n) {
    throughExp(
        Arguments.TWICE_MAGNITUDE,
        (in, e, count) -> {
          for (int i = 0; i < count; i++) {
            e[i] = MathF.tanh(in[i], e[i]);
          }
        },
        x,
        xo,
        y,
        yo,
        n);
  }

  @Override
  public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    throughExp(
        Arguments.MINUS_MAGNITUDE,
        (in, e, count) -> {
          for (int i = 0; i < count; i++) {
            e[i] = MathF.sigmoid(in[i], e[i]);
          }
        },
        x,
        xo,
        y,
        yo,
        n);
  }

  @Override
  public void erf(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = MathF.erf(x[xo + i]);
    }
  }

  @Override
  public void erfc(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = MathF.erfc(x[xo + i]);
    }
  }

  @Override
  public void gelu(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = MathF.gelu(x[xo + i]);
    }
  }

  @Override
  public void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = MathF.geluTanh(x[xo + i]);
    }
  }

  @Override
  public void silu(float[] x, int xo, float[] y, int yo, int n) {
    throughExp(
        Arguments.MINUS_MAGNITUDE,
        (in, e, count) -> {
          for (int i = 0; i < count; i++) {
            e[i] = in[i] * MathF.sigmoid(in[i], e[i]);
          }
        },
        x,
        xo,
        y,
        yo,
        n);
  }

  @Override
  public void softplus(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = MathF.softplus(x[xo + i]);
    }
  }
}
