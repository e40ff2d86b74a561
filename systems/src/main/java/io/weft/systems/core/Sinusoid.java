package io.weft.systems.core;

import io.weft.config.Config;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * The positions of "Attention Is All You Need" (Vaswani et al. 2017), 3.5: {@code PE[t, 2i] =
 * sin(t·10000^(−2i/F))}, {@code PE[t, 2i+1] = cos(t·10000^(−2i/F))}. As an initializer it fills
 * tables {@code (1, positions, F)}.
 */
public final class Sinusoid implements Initializer {
  /** Fills a table from position 0 on. */
  public static final Sinusoid TABLE = new Sinusoid();

  private Sinusoid() {}

  /**
   * The rows of the positions {@code first} and following.
   *
   * @return (count, width)
   */
  public static Tensor table(int first, int count, int width, DType dtype) {
    double[] t = new double[Math.multiplyExact(count, width)];
    for (int i = 0; i < width; i++) {
      double rate = Math.pow(10000, -(double) (i - i % 2) / width);
      for (int p = 0; p < count; p++) {
        double angle = (first + p) * rate;
        t[p * width + i] = i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
    return Ops.cast(Tensor.of(t, count, width), dtype);
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    return Ops.reshape(table(0, shape.dim(1), shape.dim(2), dtype), shape.dims());
  }

  @Override
  public Config getConfig() {
    return Config.EMPTY;
  }

  @Override
  public Object serialized() {
    return "sinusoid";
  }
}
