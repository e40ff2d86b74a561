package io.weft.systems.core;

import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Resizing of images as {@code torch.nn.functional.interpolate(mode="bicubic",
 * align_corners=False)}: cubic convolution with a = −3/4 (Keras has −1/2), border pixels repeated,
 * no smoothing when images shrink.
 */
public final class Bicubic {
  private static final double A = -0.75;

  private Bicubic() {}

  /** (batch, height, width, channels) in another height and width. */
  public static Tensor resize(Tensor x, int height, int width) {
    Tensor rows = weights(x.dim(1), height, x.dtype());
    Tensor columns = weights(x.dim(2), width, x.dtype());
    return Ops.einsum("ow,bhwc->bhoc", columns, Ops.einsum("oh,bhwc->bowc", rows, x));
  }

  /** How much each old pixel counts in each new one: (new, old). */
  private static Tensor weights(int from, int to, DType dtype) {
    double[] w = new double[to * from];
    double scale = (double) from / to;
    for (int i = 0; i < to; i++) {
      double at = (i + 0.5) * scale - 0.5;
      int left = (int) Math.floor(at);
      for (int k = -1; k <= 2; k++) {
        int pixel = Math.max(0, Math.min(from - 1, left + k));
        w[i * from + pixel] += cubic(Math.abs(at - (left + k)));
      }
    }
    return Tensor.ofTrusted(new HostArray(DType.FLOAT64, Shape.of(to, from), w)).cast(dtype);
  }

  private static double cubic(double d) {
    if (d <= 1) {
      return ((A + 2) * d - (A + 3)) * d * d + 1;
    }
    return d < 2 ? ((A * d - 5 * A) * d + 8 * A) * d - 4 * A : 0;
  }
}
