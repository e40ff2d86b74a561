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
  private FloatLoops() {}

  static void unary(UnaryFunction f, float[] x, int xo, float[] y, int yo, int n) {
    switch (f) {
      case NEGATIVE:
        ElementKernel.of(n).negate(x, xo, y, yo, n);
        break;
      case ABSOLUTE:
        ElementKernel.of(n).absolute(x, xo, y, yo, n);
        break;
      case SQUARE:
        ElementKernel.of(n).square(x, xo, y, yo, n);
        break;
      case SQRT:
        ElementKernel.of(n).sqrt(x, xo, y, yo, n);
        break;
      case RELU:
        ElementKernel.of(n).relu(x, xo, y, yo, n);
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
        ElementKernel.of(n).add(a, ao, b, bo, y, yo, n);
        break;
      case SUBTRACT:
        ElementKernel.of(n).subtract(a, ao, b, bo, y, yo, n);
        break;
      case MULTIPLY:
        ElementKernel.of(n).multiply(a, ao, b, bo, y, yo, n);
        break;
      case DIVIDE:
        ElementKernel.of(n).divide(a, ao, b, bo, y, yo, n);
        break;
      case MAXIMUM:
        ElementKernel.of(n).maximum(a, ao, b, bo, y, yo, n);
        break;
      case MINIMUM:
        ElementKernel.of(n).minimum(a, ao, b, bo, y, yo, n);
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
        ElementKernel.of(n).equal(a, ao, b, bo, y, yo, n);
        break;
      case LESS:
        ElementKernel.of(n).greater(b, bo, a, ao, y, yo, n);
        break;
      case LESS_EQUAL:
        ElementKernel.of(n).greaterEqual(b, bo, a, ao, y, yo, n);
        break;
      case GREATER:
        ElementKernel.of(n).greater(a, ao, b, bo, y, yo, n);
        break;
      case GREATER_EQUAL:
        ElementKernel.of(n).greaterEqual(a, ao, b, bo, y, yo, n);
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
    ElementKernel.of(n).select(m, mo, a, ao, b, bo, y, yo, n);
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
