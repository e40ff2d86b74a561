package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/**
 * The activation functions (keras-layers.md 17.1), element by element unless an axis is named; the
 * result has the shape and dtype of the input. Gradients at kinks are TensorFlow's. On Keras
 * tensors each adds its op node to the model graph.
 */
public final class NnFunctions {
  private static final double SELU_SCALE = 1.0507009873554805;
  private static final double SELU_ALPHA = 1.6732632423543772;

  private NnFunctions() {}

  private static boolean keras(Tensor x) {
    return x instanceof KerasTensor;
  }

  private static Tensor node(Tensor x, String function, Object... namesAndValues) {
    Object[] all = new Object[namesAndValues.length + 2];
    all[0] = "x";
    all[1] = x;
    System.arraycopy(namesAndValues, 0, all, 2, namesAndValues.length);
    return Ops.record((KerasTensor) x, function, all).get(0);
  }

  /** max(x, 0). */
  public static Tensor relu(Tensor x) {
    return Ops.relu(x);
  }

  /**
   * x above the threshold, slope·(x − threshold) below it, at most maxValue (null: no bound); the
   * bound is applied to the upper part only.
   */
  public static Tensor relu(Tensor x, double negativeSlope, Double maxValue, double threshold) {
    if (negativeSlope == 0 && maxValue == null && threshold == 0) {
      return Ops.relu(x);
    }
    if (keras(x)) {
      return node(
          x,
          "activations.relu",
          "negative_slope",
          negativeSlope,
          "max_value",
          maxValue,
          "threshold",
          threshold);
    }
    if (negativeSlope != 0 && maxValue == null && threshold == 0) {
      return leakyRelu(x, negativeSlope);
    }
    Tensor y;
    boolean clip = maxValue != null;
    if (threshold != 0) {
      Tensor t = Tensor.scalar(threshold, x.dtype());
      y = Ops.where(Ops.greater(x, t), x, 0);
    } else if (clip && maxValue == 6) {
      y = relu6(x);
      clip = false;
    } else {
      y = Ops.relu(x);
    }
    y = clip ? Ops.clip(y, 0, maxValue) : y;
    if (negativeSlope == 0) {
      return y;
    }
    Tensor below = Ops.relu(threshold == 0 ? Ops.negative(x) : Ops.subtract(threshold, x));
    return y.minus(below.times(negativeSlope));
  }

  /** min(max(x, 0), 6). */
  public static Tensor relu6(Tensor x) {
    // a selection, because the gradient at 6 is zero
    return keras(x) ? node(x, "relu6") : Ops.where(Ops.greaterEqual(x, 6), 6, Ops.relu(x));
  }

  /** x where positive, slope·x elsewhere; the slope is a float32 in every dtype, as TensorFlow. */
  public static Tensor leakyRelu(Tensor x, double negativeSlope) {
    return keras(x)
        ? node(x, "leaky_relu", "negative_slope", negativeSlope)
        : Ops.where(Ops.greater(x, 0), x, x.times((double) (float) negativeSlope));
  }

  /** x where positive, alpha·(eˣ − 1) elsewhere. */
  public static Tensor elu(Tensor x, double alpha) {
    if (keras(x)) {
      return node(x, "elu", "alpha", alpha);
    }
    Tensor y = Ops.where(Ops.less(x, 0), expm1OfNegative(x), x);
    return alpha == 1 ? y : Ops.where(Ops.greater(x, 0), y, y.times(alpha));
  }

  /** eˣ − 1 below zero; zero above it, so that no overflow reaches a gradient. */
  private static Tensor expm1OfNegative(Tensor x) {
    return Ops.unary(UnaryFunction.EXPM1, Ops.minimum(x, 0));
  }

  /** The self-normalizing ELU with its two fixed constants. */
  public static Tensor selu(Tensor x) {
    return keras(x)
        ? node(x, "selu")
        : Ops.where(
            Ops.less(x, 0), expm1OfNegative(x).times(SELU_SCALE * SELU_ALPHA), x.times(SELU_SCALE));
  }

  /** max(x, 0) + alpha·(e^(min(x, 0) / alpha) − 1). */
  public static Tensor celu(Tensor x, double alpha) {
    if (keras(x)) {
      return node(x, "celu", "alpha", alpha);
    }
    Tensor low = Ops.unary(UnaryFunction.EXPM1, Ops.minimum(x, 0).divide(alpha));
    return Ops.maximum(x, 0).plus(low.times(alpha));
  }

  /** x·Φ(x), exact or by its tanh approximation. */
  public static Tensor gelu(Tensor x, boolean approximate) {
    if (keras(x)) {
      return node(x, "gelu", "approximate", approximate);
    }
    if (!approximate && x.dtype() == DType.FLOAT64) {
      // TensorFlow's constants are float32 in every dtype
      return x.times(0.5).times(Ops.erf(x.times((double) (float) Math.sqrt(0.5))).plus(1));
    }
    if (!approximate) {
      return Ops.unary(UnaryFunction.GELU, x);
    }
    Tensor cubic = x.plus(Ops.square(x).times(x).times((double) 0.044715f));
    Tensor t = Ops.tanh(cubic.times(Math.sqrt(2 / Math.PI)));
    return x.times(0.5).times(t.plus(1));
  }

  /** x·σ(x). */
  public static Tensor silu(Tensor x) {
    return keras(x) ? node(x, "silu") : Ops.unary(UnaryFunction.SILU, x);
  }

  /** a·σ(b) with a and b the halves of an axis of even size. */
  public static Tensor glu(Tensor x, int axis) {
    if (keras(x)) {
      return node(x, "glu", "axis", axis);
    }
    if (x.dim(axis) % 2 != 0) {
      throw new ShapeException(
          "glu: expected an even size along axis " + axis + ". Received: " + x.shape());
    }
    List<Tensor> halves = Ops.split(x, 2, axis);
    return halves.get(0).times(Ops.sigmoid(halves.get(1)));
  }

  /** ln(1 + eˣ). */
  public static Tensor softplus(Tensor x) {
    return Ops.softplus(x);
  }

  /** x / (1 + |x|). */
  public static Tensor softsign(Tensor x) {
    return keras(x) ? node(x, "softsign") : x.divide(Ops.abs(x).plus(1));
  }

  /** eˣ / Σ eˣ over one axis. */
  public static Tensor softmax(Tensor x, int axis) {
    return Ops.softmax(x, axis);
  }

  /** Softmax over several axes together; null means all. */
  public static Tensor softmax(Tensor x, int[] axes) {
    return keras(x)
        ? node(x, "softmax", "axis", axes)
        : Simplex.overAxes(x, axes, y -> Ops.softmax(y, -1));
  }

  /** x − ln Σ eˣ over one axis. */
  public static Tensor logSoftmax(Tensor x, int axis) {
    return Ops.logSoftmax(x, axis);
  }

  /** Log-softmax over several axes together; null means all. */
  public static Tensor logSoftmax(Tensor x, int[] axes) {
    return keras(x)
        ? node(x, "log_softmax", "axis", axes)
        : Simplex.overAxes(x, axes, y -> Ops.logSoftmax(y, -1));
  }

  /**
   * Sparse probabilities along an axis: max(x − τ, 0). As in Keras 3.15, τ comes from the sum of
   * all running sums over the support, so with a support above 1 the result does not add up to 1.
   */
  public static Tensor sparsemax(Tensor x, int axis) {
    if (keras(x)) {
      return node(x, "sparsemax", "axis", axis);
    }
    return Simplex.sparsemax(x, axis);
  }

  /** 1 / (1 + e⁻ˣ). */
  public static Tensor sigmoid(Tensor x) {
    return Ops.sigmoid(x);
  }

  /** ln σ(x). */
  public static Tensor logSigmoid(Tensor x) {
    return keras(x) ? node(x, "log_sigmoid") : Ops.negative(Ops.softplus(Ops.negative(x)));
  }

  /** min(max(x / 6 + 1/2, 0), 1). */
  public static Tensor hardSigmoid(Tensor x) {
    return keras(x) ? node(x, "hard_sigmoid") : relu6(x.plus(3)).divide(6);
  }

  /** x · hardSigmoid(x). */
  public static Tensor hardSilu(Tensor x) {
    return keras(x) ? node(x, "hard_silu") : x.times(hardSigmoid(x));
  }

  /** min(max(x, −1), 1). */
  public static Tensor hardTanh(Tensor x) {
    return keras(x) ? node(x, "hard_tanh") : Ops.clip(x, -1, 1);
  }

  /** x where |x| exceeds the threshold, 0 elsewhere. */
  public static Tensor hardShrink(Tensor x, double threshold) {
    return keras(x)
        ? node(x, "hard_shrink", "threshold", threshold)
        : Ops.where(Ops.greater(Ops.abs(x), threshold), x, 0);
  }

  /** x moved towards 0 by the threshold, 0 where it is nearer. */
  public static Tensor softShrink(Tensor x, double threshold) {
    if (keras(x)) {
      return node(x, "soft_shrink", "threshold", threshold);
    }
    Tensor low = Ops.where(Ops.less(x, -threshold), x.plus(threshold), 0);
    return Ops.where(Ops.greater(x, threshold), x.minus(threshold), low);
  }

  /** x − tanh x. */
  public static Tensor tanhShrink(Tensor x) {
    return keras(x) ? node(x, "tanh_shrink") : x.minus(Ops.tanh(x));
  }

  /** x · tanh(softplus(x)). */
  public static Tensor mish(Tensor x) {
    return keras(x) ? node(x, "activations.mish") : x.times(Ops.tanh(Ops.softplus(x)));
  }

  /** (x + √(x² + b)) / 2. */
  public static Tensor squareplus(Tensor x, double b) {
    return keras(x)
        ? node(x, "squareplus", "b", b)
        : x.plus(Ops.sqrt(Ops.square(x).plus(b))).divide(2);
  }

  /** 0 up to −1, (x + 1)² / 4 up to 1, x above. */
  public static Tensor sparsePlus(Tensor x) {
    if (keras(x)) {
      return node(x, "sparse_plus");
    }
    Tensor middle = Ops.where(Ops.less(x, 1), Ops.square(x.plus(1)).times(0.25), x);
    return Ops.where(Ops.lessEqual(x, -1), 0, middle);
  }

  /** 0 up to −1, (x + 1) / 2 up to 1, 1 above. */
  public static Tensor sparseSigmoid(Tensor x) {
    if (keras(x)) {
      return node(x, "sparse_sigmoid");
    }
    Tensor upper = Ops.where(Ops.greaterEqual(x, 1), 1, x.plus(1).times(0.5));
    return Ops.where(Ops.lessEqual(x, -1), 0, upper);
  }

  /** x where it exceeds the threshold, another value elsewhere. */
  public static Tensor threshold(Tensor x, double threshold, double defaultValue) {
    return keras(x)
        ? node(x, "threshold", "threshold", threshold, "default_value", defaultValue)
        : Ops.where(Ops.greater(x, threshold), x, defaultValue);
  }

  /** eˣ. */
  public static Tensor exponential(Tensor x) {
    return Ops.exp(x);
  }

  /** x itself. */
  public static Tensor linear(Tensor x) {
    return x;
  }
}
