package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Images (batch, height, width, channels) under small kernels. */
public final class ImageFilters {
  private static final int[] ONE = {1};

  private ImageFilters() {}

  private static double[] gaussian(int size, double sigma) {
    double[] k = new double[size];
    double sum = 0;
    for (int i = 0; i < size; i++) {
      double x = (i - (size - 1) / 2.0) / sigma;
      k[i] = Math.exp(-0.5 * x * x);
      sum += k[i];
    }
    for (int i = 0; i < size; i++) {
      k[i] /= sum;
    }
    return k;
  }

  /** The same kernel for each channel: (h, w, channels, 1). */
  private static Tensor perChannel(double[] kernel, int h, int w, Tensor like) {
    HostArray a = HostArray.zeros(like.dtype(), Shape.of(h, w, 1, 1));
    for (int i = 0; i < kernel.length; i++) {
      a.set(i, kernel[i]);
    }
    return Ops.broadcastTo(Tensor.ofTrusted(a), Shape.of(h, w, like.dim(-1), 1));
  }

  /** Blurred by a bell curve of {@code size} and {@code sigma} (height, width), zeros outside. */
  public static Tensor gaussianBlur(Tensor x, int[] size, double[] sigma) {
    double[] first = gaussian(size[0], sigma[0]);
    double[] second = gaussian(size[1], sigma[1]);
    // Keras lays the products out as (size[1], size[0]) and reads them as (size[0], size[1])
    double[] k = new double[size[0] * size[1]];
    for (int i = 0; i < second.length; i++) {
      for (int j = 0; j < first.length; j++) {
        k[i * first.length + j] = second[i] * first[j];
      }
    }
    Tensor kernel = perChannel(k, size[0], size[1], x);
    return Convolutions.depthwiseConv(x, kernel, ONE, "same", ONE);
  }

  /** Changes along the rows and along the columns, on a last axis of size 2. */
  public static Tensor sobelEdges(Tensor x) {
    if (x.rank() != 4) {
      throw new ShapeException("sobel_edges: expected images of rank 4. Received: " + x.shape());
    }
    Tensor f = Ops.toFloat(x);
    f = Ops.take(f, reflected(x.dim(1)), 1);
    f = Ops.take(f, reflected(x.dim(2)), 2);
    double[][] kernels = {{-1, -2, -1, 0, 0, 0, 1, 2, 1}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}};
    List<Tensor> edges = new ArrayList<>();
    for (double[] k : kernels) {
      edges.add(Convolutions.depthwiseConv(f, perChannel(k, 3, 3, f), ONE, "valid", ONE));
    }
    return Ops.stack(edges, -1);
  }

  private static Tensor reflected(int n) {
    int[] at = new int[n + 2];
    for (int i = 0; i < n; i++) {
      at[i + 1] = i;
    }
    at[0] = Math.min(1, n - 1);
    at[n + 1] = Math.max(0, n - 2);
    return Tensor.of(at);
  }

  /** The structural similarity of images: (batch,). */
  static Tensor ssim(
      Tensor image1, Tensor image2, double peak, int size, double sigma, double k1, double k2) {
    if (!image1.shape().equals(image2.shape())) {
      throw new ShapeException(
          "ssim: expected images of one shape. Received: "
              + image1.shape()
              + ", "
              + image2.shape());
    }
    Tensor x = Ops.cast(image1, Dtypes.floating(image1));
    Tensor y = Ops.cast(image2, x.dtype());
    double[] g = gaussian(size, sigma);
    double[] k = new double[size * size];
    for (int i = 0; i < k.length; i++) {
      k[i] = g[i / size] * g[i % size];
    }
    Tensor kernel = perChannel(k, size, size, x);
    double c1 = k1 * peak * k1 * peak;
    double c2 = k2 * peak * k2 * peak;
    Tensor mx = mean(x, kernel);
    Tensor my = mean(y, kernel);
    Tensor vx = mean(Ops.square(x), kernel).minus(Ops.square(mx));
    Tensor vy = mean(Ops.square(y), kernel).minus(Ops.square(my));
    Tensor vxy = mean(x.times(y), kernel).minus(mx.times(my));
    Tensor top = mx.times(my).times(2).plus(c1).times(vxy.times(2).plus(c2));
    Tensor bottom = Ops.square(mx).plus(Ops.square(my)).plus(c1).times(vx.plus(vy).plus(c2));
    return Ops.cast(Ops.mean(top.divide(bottom), 1, 2, 3), image1.dtype());
  }

  private static Tensor mean(Tensor x, Tensor kernel) {
    return Convolutions.depthwiseConv(x, kernel, ONE, "valid", ONE);
  }
}
