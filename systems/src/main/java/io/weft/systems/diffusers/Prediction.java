package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;

/** From what a model predicts to the image without noise, and how that image is kept in bounds. */
final class Prediction {
  final String type;
  private final boolean clip;
  private final double clipRange;
  private final boolean threshold;
  private final double ratio;
  private final double maximum;

  /** Reads clip_sample, prediction_type, thresholding and their numbers. */
  Prediction(Args args) {
    clip = args.bool("clip_sample", true);
    type = args.oneOf("prediction_type", "epsilon", "epsilon", "sample", "v_prediction");
    threshold = args.bool("thresholding", false);
    ratio = args.number("dynamic_thresholding_ratio", 0.995);
    clipRange = args.number("clip_sample_range", 1.0);
    maximum = args.number("sample_max_value", 1.0);
    if (!(ratio >= 0 && ratio <= 1)) {
      throw args.refuse("dynamic_thresholding_ratio", "a number in [0, 1]");
    }
  }

  /** The image without noise. */
  Tensor original(Tensor output, Tensor sample, double alpha) {
    double noise = Math.sqrt(1 - alpha);
    double image = Math.sqrt(alpha);
    switch (type) {
      case "epsilon":
        return sample.minus(output.times(noise)).divide(image);
      case "sample":
        return output;
      default:
        return sample.times(image).minus(output.times(noise));
    }
  }

  /** The noise. */
  Tensor noise(Tensor output, Tensor sample, double alpha) {
    double noise = Math.sqrt(1 - alpha);
    double image = Math.sqrt(alpha);
    switch (type) {
      case "epsilon":
        return output;
      case "sample":
        return noiseOf(output, sample, alpha);
      default:
        return output.times(image).plus(sample.times(noise));
    }
  }

  /** The noise that makes a sample of an image. */
  static Tensor noiseOf(Tensor image, Tensor sample, double alpha) {
    return sample.minus(image.times(Math.sqrt(alpha))).divide(Math.sqrt(1 - alpha));
  }

  /** The image within the bounds that were asked for. */
  Tensor bounded(Tensor image) {
    if (threshold) {
      return thresholded(image);
    }
    return clip ? Ops.clip(image, -clipRange, clipRange) : image;
  }

  /** Clips each image to a quantile of its absolute values and divides by it (Imagen, 2022). */
  private Tensor thresholded(Tensor image) {
    HostArray a = image.toHostArray();
    int batch = image.dim(0);
    int n = batch == 0 ? 0 : a.size() / batch;
    double[] bounds = new double[batch];
    for (int b = 0; b < batch; b++) {
      double[] v = new double[n];
      for (int i = 0; i < n; i++) {
        v[i] = Math.abs(a.doubleAt(b * n + i));
      }
      Arrays.sort(v);
      double at = ratio * (n - 1);
      int low = (int) Math.floor(at);
      double q = v[low] + (at - low) * (v[Math.min(low + 1, n - 1)] - v[low]);
      bounds[b] = Math.max(1, Math.min(q, maximum));
    }
    Tensor s = Scheduler.rows(Scheduler.table(bounds, image.dtype()), image);
    return Ops.maximum(Ops.minimum(image, s), Ops.negative(s)).divide(s);
  }
}
