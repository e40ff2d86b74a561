package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;

/**
 * How much each old pixel of an axis counts in each new one: float32 matrices (new, old) that
 * follow TensorFlow's kernels, also in their rounding.
 */
final class ResizeWeights {
  private static final int CUBIC_STEPS = 1024;

  /** Each new pixel lies {@code lerp} of the way from the old one {@code low} to {@code high}. */
  record Linear(int[] low, int[] high, float[] lerp) {
    static Linear of(int from, int to) {
      Linear l = new Linear(new int[to], new int[to], new float[to]);
      float scale = from / (float) to;
      for (int i = 0; i < to; i++) {
        float in = (i + 0.5f) * scale - 0.5f;
        float floor = (float) Math.floor(in);
        l.low[i] = Math.max((int) floor, 0);
        l.high[i] = Math.min((int) Math.ceil(in), from - 1);
        l.lerp[i] = in - floor;
      }
      return l;
    }
  }

  private ResizeWeights() {}

  static Tensor of(String interpolation, boolean antialias, int from, int to) {
    float[] w = new float[to * from];
    float scale = from / (float) to;
    switch (interpolation) {
      case "bilinear":
        filter(w, from, to, 1, x -> Math.max(0, 1 - x), true);
        break;
      case "bicubic":
        if (antialias) {
          filter(w, from, to, 2, ResizeWeights::cubic, true);
        } else {
          bicubic(w, from, to, scale);
        }
        break;
      case "lanczos3":
        filter(w, from, to, 3, x -> lanczos(3, x), antialias);
        break;
      case "lanczos5":
        filter(w, from, to, 5, x -> lanczos(5, x), antialias);
        break;
      case "area":
        area(w, from, to, scale);
        break;
      default:
        throw new ConfigException(
            "resize: interpolation must be one of 'bilinear', 'nearest', 'bicubic', 'lanczos3',"
                + " 'lanczos5', 'area'. Received: interpolation='"
                + interpolation
                + "'");
    }
    return Tensor.ofTrusted(new HostArray(DType.FLOAT32, Shape.of(to, from), w));
  }

  /** The old pixel nearest to each new one. */
  static int[] nearest(int from, int to) {
    int[] at = new int[to];
    float scale = from / (float) to;
    for (int i = 0; i < to; i++) {
      at[i] = Math.min((int) Math.floor((i + 0.5f) * scale), from - 1);
    }
    return at;
  }

  /** Keys' cubic with a = −1/2. */
  static double cubic(double x) {
    if (x >= 2) {
      return 0;
    }
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : ((1.5 * x - 2.5) * x) * x + 1;
  }

  static double lanczos(double radius, double x) {
    if (x > radius) {
      return 0;
    }
    if (x <= 1e-3) {
      return 1;
    }
    double p = Math.PI * x;
    return radius * Math.sin(p) * Math.sin(p / radius) / (p * p);
  }

  /** Four taps with coefficients at multiples of 1/1024; taps outside are left out. */
  private static void bicubic(float[] w, int from, int to, float scale) {
    for (int i = 0; i < to; i++) {
      float in = (i + 0.5f) * scale - 0.5f;
      int at = (int) Math.floor(in);
      double delta = Math.rint((in - at) * CUBIC_STEPS) / CUBIC_STEPS;
      double[] taps = {cubic(1 + delta), cubic(delta), cubic(1 - delta), cubic(2 - delta)};
      double sum = 0;
      for (int k = 0; k < 4; k++) {
        int j = at - 1 + k;
        taps[k] = j >= 0 && j < from ? taps[k] : 0;
        sum += taps[k];
      }
      for (int k = 0; k < 4; k++) {
        if (taps[k] != 0) {
          w[i * from + at - 1 + k] = (float) (taps[k] / sum);
        }
      }
    }
  }

  private static void filter(
      float[] w, int from, int to, float radius, DoubleUnaryOperator kernel, boolean antialias) {
    float inverse = 1 / (to / (float) from);
    float wide = antialias ? Math.max(inverse, 1) : 1;
    float narrow = 1 / wide;
    for (int i = 0; i < to; i++) {
      float center = (i + 0.5f) * inverse;
      int start = Math.max(0, (int) Math.ceil(center - radius * wide - 0.5f));
      int end = Math.min(from - 1, (int) Math.floor(center + radius * wide - 0.5f));
      float sum = 0;
      for (int j = start; j <= end; j++) {
        float at = Math.abs((j + 0.5f - center) * narrow);
        w[i * from + j] = (float) kernel.applyAsDouble(at);
        sum += w[i * from + j];
      }
      float scale = sum == 0 ? 0 : 1 / sum;
      for (int j = start; j <= end; j++) {
        w[i * from + j] *= scale;
      }
    }
  }

  /** Old pixels by the share that a new one covers, not divided by their sum. */
  private static void area(float[] w, int from, int to, float scale) {
    for (int i = 0; i < to; i++) {
      float start = i * scale;
      float end = (i + 1) * scale;
      for (int j = (int) Math.floor(start); j < Math.ceil(end); j++) {
        float share;
        if (j < start) {
          share = j + 1 > end ? scale : j + 1 - start;
        } else {
          share = j + 1 > end ? end - j : 1;
        }
        w[i * from + Math.min(j, from - 1)] += share;
      }
    }
  }
}
