package io.weft.engine.op;

import io.weft.engine.kernel.ElementKernel;
import io.weft.engine.kernel.MathF;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.UnaryFunction;

/**
 * Element functions on float32: plain loops for the cheap ones, those of {@link MathF} for the
 * common ones, by way of double for the rest.
 */
final class FloatLoops {
  private static final ElementKernel LOOPS = ElementKernel.get();

  private FloatLoops() {}

  static void unary(UnaryFunction f, float[] x, int xo, float[] y, int yo, int n) {
    switch (f) {
      case NEGATIVE:
        LOOPS.negate(x, xo, y, yo, n);
        break;
      case ABSOLUTE:
        LOOPS.absolute(x, xo, y, yo, n);
        break;
      case SQUARE:
        LOOPS.square(x, xo, y, yo, n);
        break;
      case SQRT:
        LOOPS.sqrt(x, xo, y, yo, n);
        break;
      case RELU:
        LOOPS.relu(x, xo, y, yo, n);
        break;
      case EXP:
        MathF.exp(x, xo, y, yo, n);
        break;
      case LOG:
        MathF.log(x, xo, y, yo, n);
        break;
      case TANH:
        MathF.tanh(x, xo, y, yo, n);
        break;
      case SIGMOID:
        MathF.sigmoid(x, xo, y, yo, n);
        break;
      case ERF:
        MathF.erf(x, xo, y, yo, n);
        break;
      case ERFC:
        MathF.erfc(x, xo, y, yo, n);
        break;
      case GELU:
        MathF.gelu(x, xo, y, yo, n);
        break;
      case GELU_SLOPE:
        MathF.geluSlope(x, xo, y, yo, n);
        break;
      case SILU:
        MathF.silu(x, xo, y, yo, n);
        break;
      case SOFTPLUS:
        MathF.softplus(x, xo, y, yo, n);
        break;
      default:
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) ScalarMath.unary(f, x[xo + i]);
        }
    }
  }

  static void binary(
      BinaryFunction f, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (f) {
      case ADD:
        LOOPS.add(a, ao, b, bo, y, yo, n);
        break;
      case SUBTRACT:
        LOOPS.subtract(a, ao, b, bo, y, yo, n);
        break;
      case MULTIPLY:
        LOOPS.multiply(a, ao, b, bo, y, yo, n);
        break;
      case DIVIDE:
        LOOPS.divide(a, ao, b, bo, y, yo, n);
        break;
      case MAXIMUM:
        LOOPS.maximum(a, ao, b, bo, y, yo, n);
        break;
      case MINIMUM:
        LOOPS.minimum(a, ao, b, bo, y, yo, n);
        break;
      case FLOOR_DIVIDE:
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) Math.floor(a[ao + i] / b[bo + i]);
        }
        break;
      case NEXTAFTER:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.nextAfter(a[ao + i], b[bo + i]);
        }
        break;
      default:
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) ScalarMath.binary(f, a[ao + i], b[bo + i]);
        }
    }
  }

  /** A comparison as floats 1 and 0. */
  static void mask(
      BinaryFunction f, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (f) {
      case EQUAL:
        LOOPS.equal(a, ao, b, bo, y, yo, n);
        break;
      case LESS:
        LOOPS.greater(b, bo, a, ao, y, yo, n);
        break;
      case LESS_EQUAL:
        LOOPS.greaterEqual(b, bo, a, ao, y, yo, n);
        break;
      case GREATER:
        LOOPS.greater(a, ao, b, bo, y, yo, n);
        break;
      case GREATER_EQUAL:
        LOOPS.greaterEqual(a, ao, b, bo, y, yo, n);
        break;
      default:
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] != b[bo + i] ? 1f : 0f;
        }
    }
  }

  /** y = m ≠ 0 ? a : b. */
  static void select(
      float[] m, int mo, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    LOOPS.select(m, mo, a, ao, b, bo, y, yo, n);
  }

  static void compare(
      BinaryFunction f, float[] a, int ao, float[] b, int bo, byte[] y, int yo, int n) {
    switch (f) {
      case EQUAL:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Loops.bit(a[ao + i] == b[bo + i]);
        }
        break;
      case NOT_EQUAL:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Loops.bit(a[ao + i] != b[bo + i]);
        }
        break;
      case LESS:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Loops.bit(a[ao + i] < b[bo + i]);
        }
        break;
      case LESS_EQUAL:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Loops.bit(a[ao + i] <= b[bo + i]);
        }
        break;
      case GREATER:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Loops.bit(a[ao + i] > b[bo + i]);
        }
        break;
      default:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Loops.bit(ScalarMath.compare(f, a[ao + i], b[bo + i]));
        }
    }
  }
}
