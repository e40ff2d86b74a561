package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The real or imaginary part of a short-time Fourier transform as a convolution kernel of shape
 * (frame length, 1, frequencies): cos or sin of −2π·t·k/N with N = 2·(frequencies − 1), times a
 * window over its norm.
 */
public final class STFT extends Configured implements Initializer {
  public static final Entry<STFT> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "STFT", null, STFT::new);

  private final boolean real;
  private final Object window;
  private final boolean periodic;
  private final String scaling;

  /**
   * Restores from a config with {@code side}, {@code window} (a name, numbers or null), {@code
   * periodic}, {@code scaling} (density, spectrum or null).
   */
  public STFT(Config config) {
    super(TYPE, config);
    real = args.oneOf("side", "real", "real", "imag").equals("real");
    window = args.any("window", "hann");
    if (!(window == null
        || window instanceof List<?> l && l.stream().allMatch(Number.class::isInstance)
        || window instanceof String s && Windows.exists(s))) {
      throw args.refuse("window", "a known window, a list of numbers or null");
    }
    periodic = args.bool("periodic", false);
    scaling =
        args.any("scaling", "density") == null
            ? null
            : args.oneOf("scaling", "density", "density", "spectrum");
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    if (shape.rank() != 3) {
      throw new ShapeException(
          "STFT: expected a shape (frame length, 1, frequencies). Received: " + shape);
    }
    int length = shape.dim(0);
    int channels = shape.dim(1);
    int bins = shape.dim(2);
    double[] w = weights(length);
    HostArray a = HostArray.zeros(dtype, shape);
    for (int t = 0; t < length; t++) {
      for (int c = 0; c < channels; c++) {
        for (int k = 0; k < bins; k++) {
          double angle = -2 * Math.PI * t * k / (2.0 * (bins - 1));
          double v = real ? Math.cos(angle) : Math.sin(angle);
          a.set((t * channels + c) * bins + k, v * w[t]);
        }
      }
    }
    return Tensor.ofTrusted(a);
  }

  private double[] weights(int length) {
    double[] w = new double[length];
    if (window == null) {
      java.util.Arrays.fill(w, 1);
      return w;
    }
    if (window instanceof List<?> l) {
      if (l.size() != length) {
        throw new ShapeException(
            "STFT: window must have " + length + " values. Received: " + l.size());
      }
      for (int i = 0; i < length; i++) {
        w[i] = ((Number) l.get(i)).doubleValue();
      }
    } else {
      w = Windows.of((String) window, length, periodic);
    }
    double norm = 0;
    for (double v : w) {
      norm += "density".equals(scaling) ? v * v : Math.abs(v);
    }
    norm = scaling == null ? 1 : scaling.equals("density") ? Math.sqrt(norm) : norm;
    for (int i = 0; i < length; i++) {
      w[i] /= norm;
    }
    return w;
  }
}
