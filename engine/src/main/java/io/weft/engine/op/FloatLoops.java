package io.weft.engine.op;

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
        for (int i = 0; i < n; i++) {
          y[yo + i] = -x[xo + i];
        }
        break;
      case ABSOLUTE:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.abs(x[xo + i]);
        }
        break;
      case SQUARE:
        for (int i = 0; i < n; i++) {
          y[yo + i] = x[xo + i] * x[xo + i];
        }
        break;
      case SQRT:
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) Math.sqrt(x[xo + i]);
        }
        break;
      case RELU:
        for (int i = 0; i < n; i++) {
          float v = x[xo + i];
          y[yo + i] = v <= 0 ? 0 : v;
        }
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
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] + b[bo + i];
        }
        break;
      case SUBTRACT:
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] - b[bo + i];
        }
        break;
      case MULTIPLY:
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] * b[bo + i];
        }
        break;
      case DIVIDE:
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] / b[bo + i];
        }
        break;
      case FLOOR_DIVIDE:
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) Math.floor(a[ao + i] / b[bo + i]);
        }
        break;
      case MAXIMUM:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.max(a[ao + i], b[bo + i]);
        }
        break;
      case MINIMUM:
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.min(a[ao + i], b[bo + i]);
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
