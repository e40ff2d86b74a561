package io.weft.engine.kernel;

/** Activation of a simple recurrent cell; the derivative is a function of the output alone. */
public enum StepActivation {
  /** Hyperbolic tangent. */
  TANH {
    @Override
    void apply(float[] x, int o, int n) {
      MathF.tanh(x, o, x, o, n);
    }

    @Override
    float derivative(float y) {
      return 1f - y * y;
    }
  },
  /** Logistic function. */
  SIGMOID {
    @Override
    void apply(float[] x, int o, int n) {
      MathF.sigmoid(x, o, x, o, n);
    }

    @Override
    float derivative(float y) {
      return y * (1f - y);
    }
  },
  /** {@code max(x, 0)}. */
  RELU {
    @Override
    void apply(float[] x, int o, int n) {
      for (int i = o; i < o + n; i++) {
        x[i] = Math.max(x[i], 0f);
      }
    }

    @Override
    float derivative(float y) {
      return y > 0f ? 1f : 0f;
    }
  },
  /** Identity. */
  LINEAR {
    @Override
    void apply(float[] x, int o, int n) {
      // the identity
    }

    @Override
    float derivative(float y) {
      return 1f;
    }
  };

  abstract void apply(float[] x, int o, int n);

  abstract float derivative(float y);
}
