package io.weft.engine.simd;

import io.weft.engine.kernel.MathKernel;
import io.weft.engine.thread.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Functions as lists of passes over the pieces in {@link VectorMath}. An array is cut into blocks
 * that are copied into padded buffers, so there are no odd ends, and the passes of a function run
 * in the first cache.
 *
 * <p>All passes are called from one place, through an interface: so C2 cannot inline them into one
 * another, compiles each loop by itself, and keeps its vectors in registers.
 */
public final class VectorMathKernel implements MathKernel {
  private static final int L = Tiles.L;
  private static final int BLOCK = 1024;
  private static final float SQRT_HALF = 0.70710678118654752440f;
  private static final float SQRT_8_PI = 1.5957691216057308f;
  private static final float ERFC_LIMIT = 10.6f; // erfc is 0 from here on
  private static final float DENSITY = 0.3989422804f; // 1 / √(2π)
  private static final float GELU_LIMIT = 14.9f;

  /** Makes y from x; both, and the spare t, have n elements, a multiple of the vector length. */
  @FunctionalInterface
  private interface Pass {
    void run(float[] x, float[] y, float[] t, int n);
  }

  private static final Pass EXP_OF_X =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          VectorMath.exp(at(x, i)).intoArray(y, i);
        }
      };

  private static final Pass EXP_OF_Y =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          VectorMath.exp(at(y, i)).intoArray(y, i);
        }
      };

  private static final Pass EXP_OF_MINUS_X =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          VectorMath.exp(at(x, i).abs().neg()).intoArray(y, i);
        }
      };

  private static final Pass LOG_OF_X =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          VectorMath.log(at(x, i)).intoArray(y, i);
        }
      };

  private static final Pass SIGMOID_END =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          VectorMath.sigmoid(at(x, i), at(y, i)).intoArray(y, i);
        }
      };

  private static final Pass TIMES_X =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          at(x, i).mul(at(y, i)).intoArray(y, i);
        }
      };

  private static final Pass[] EXP = {EXP_OF_X};

  private static final Pass[] LOG = {
    LOG_OF_X,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.logLimits(at(x, i), at(y, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass[] TANH = {
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.exp(at(x, i).abs().mul(2f)).intoArray(y, i);
      }
    },
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.tanh(at(x, i), at(y, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass[] SIGMOID = {EXP_OF_MINUS_X, SIGMOID_END};

  private static final Pass[] SILU = {EXP_OF_MINUS_X, SIGMOID_END, TIMES_X};

  private static final Pass ERFC_SQUARE =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          FloatVector h = VectorMath.upperBits(VectorMath.magnitude(at(x, i), ERFC_LIMIT));
          h.mul(h).neg().intoArray(y, i);
        }
      };

  private static final Pass ERFC_GAUSSIAN =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          FloatVector a = VectorMath.magnitude(at(x, i), ERFC_LIMIT);
          VectorMath.gaussian(a, at(y, i), 1f).intoArray(y, i);
        }
      };

  private static final Pass ERFC_TAIL =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          FloatVector a = VectorMath.magnitude(at(x, i), ERFC_LIMIT);
          VectorMath.scaledErfc(a).mul(at(y, i)).intoArray(y, i);
        }
      };

  private static final Pass[] ERFC = {
    ERFC_SQUARE,
    EXP_OF_Y,
    ERFC_GAUSSIAN,
    ERFC_TAIL,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.erfcSmall(at(x, i), at(y, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass[] ERF = {
    ERFC_SQUARE,
    EXP_OF_Y,
    ERFC_GAUSSIAN,
    ERFC_TAIL,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.erf(at(x, i), at(y, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass GELU_SQUARE =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          FloatVector h = VectorMath.upperBits(VectorMath.magnitude(at(x, i), GELU_LIMIT));
          h.mul(h).mul(-0.5f).intoArray(y, i);
        }
      };

  private static final Pass GELU_GAUSSIAN =
      (x, y, t, n) -> {
        for (int i = 0; i < n; i += L) {
          FloatVector a = VectorMath.magnitude(at(x, i), GELU_LIMIT);
          VectorMath.gaussian(a, at(y, i), 0.5f).intoArray(y, i);
        }
      };

  private static final Pass[] GELU_SLOPE = {
    GELU_SQUARE,
    EXP_OF_Y,
    GELU_GAUSSIAN,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) { // Φ(-a) - a φ(a) of a = |x|; the slopes of a and -a add to 1
        FloatVector a = VectorMath.magnitude(at(x, i), GELU_LIMIT);
        FloatVector tail = VectorMath.scaledErfc(a.mul(SQRT_HALF)).mul(0.5f);
        FloatVector s = tail.sub(a.mul(DENSITY)).mul(at(y, i));
        VectorMath.complement(s, at(x, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass[] GELU = {
    GELU_SQUARE,
    EXP_OF_Y,
    GELU_GAUSSIAN,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) { // a Φ(-a) of a = |x|
        FloatVector a = VectorMath.magnitude(at(x, i), GELU_LIMIT);
        FloatVector factor = VectorMath.negativePart(at(x, i), a).mul(0.5f); // infinity stays
        VectorMath.scaledErfc(a.mul(SQRT_HALF)).mul(factor).mul(at(y, i)).intoArray(y, i);
      }
    },
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.positivePart(at(x, i)).sub(at(y, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass[] GELU_TANH = {
    (x, y, t, n) -> {
      System.arraycopy(x, 0, t, 0, n);
      for (int i = 0; i < n; i += L) {
        FloatVector v = at(x, i);
        v.mul(v).mul(0.044715f).add(1f).mul(v).mul(SQRT_8_PI).intoArray(x, i);
      }
    },
    EXP_OF_MINUS_X,
    SIGMOID_END,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        at(t, i).mul(at(y, i)).intoArray(y, i);
      }
    }
  };

  private static final Pass[] SOFTPLUS = {
    EXP_OF_MINUS_X,
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        FloatVector e = at(y, i);
        e.intoArray(t, i);
        VectorMath.log(e.add(1f)).intoArray(y, i);
      }
    },
    (x, y, t, n) -> {
      for (int i = 0; i < n; i += L) {
        VectorMath.softplus(at(x, i), at(t, i), at(y, i)).intoArray(y, i);
      }
    }
  };

  /** Made by name; see {@link io.weft.engine.tier.KernelTier}. */
  public VectorMathKernel() {}

  private static FloatVector at(float[] x, int i) {
    return FloatVector.fromArray(Tiles.S, x, i);
  }

  private static void run(Pass[] passes, float[] x, int xo, float[] y, int yo, int n) {
    float[] in = Scratch.take(BLOCK);
    float[] out = Scratch.take(BLOCK);
    float[] spare = Scratch.take(BLOCK);
    try {
      for (int i = 0; i < n; i += BLOCK) {
        int count = Math.min(BLOCK, n - i);
        int padded = (count + L - 1) / L * L;
        System.arraycopy(x, xo + i, in, 0, count);
        Arrays.fill(in, count, padded, 1f);
        for (Pass pass : passes) {
          pass.run(in, out, spare, padded);
        }
        System.arraycopy(out, 0, y, yo + i, count);
      }
    } finally {
      Scratch.give(spare);
      Scratch.give(out);
      Scratch.give(in);
    }
  }

  @Override
  public void exp(float[] x, int xo, float[] y, int yo, int n) {
    run(EXP, x, xo, y, yo, n);
  }

  @Override
  public void log(float[] x, int xo, float[] y, int yo, int n) {
    run(LOG, x, xo, y, yo, n);
  }

  @Override
  public void tanh(float[] x, int xo, float[] y, int yo, int n) {
    run(TANH, x, xo, y, yo, n);
  }

  @Override
  public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    run(SIGMOID, x, xo, y, yo, n);
  }

  @Override
  public void erf(float[] x, int xo, float[] y, int yo, int n) {
    run(ERF, x, xo, y, yo, n);
  }

  @Override
  public void erfc(float[] x, int xo, float[] y, int yo, int n) {
    run(ERFC, x, xo, y, yo, n);
  }

  @Override
  public void gelu(float[] x, int xo, float[] y, int yo, int n) {
    run(GELU, x, xo, y, yo, n);
  }

  @Override
  public void geluSlope(float[] x, int xo, float[] y, int yo, int n) {
    run(GELU_SLOPE, x, xo, y, yo, n);
  }

  @Override
  public void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
    run(GELU_TANH, x, xo, y, yo, n);
  }

  @Override
  public void silu(float[] x, int xo, float[] y, int yo, int n) {
    run(SILU, x, xo, y, yo, n);
  }

  @Override
  public void softplus(float[] x, int xo, float[] y, int yo, int n) {
    run(SOFTPLUS, x, xo, y, yo, n);
  }
}
