package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * The table of "Attention Is All You Need" (Vaswani et al. 2017), 3.5: {@code PE[t, 2i] =
 * sin(t·10000^(−2i/F))}, {@code PE[t, 2i+1] = cos(t·10000^(−2i/F))}.
 */
final class Sinusoid implements Initializer {
  static final Sinusoid TABLE = new Sinusoid();

  private Sinusoid() {}

  /** The rows of the first positions, (1, positions, width). */
  static Tensor of(int positions, int width, DType dtype) {
    float[] table = new float[Math.multiplyExact(positions, width)];
    for (int i = 0; i < width; i++) {
      double rate = Math.pow(10000, -(double) (i - i % 2) / width);
      for (int t = 0; t < positions; t++) {
        table[t * width + i] = (float) (i % 2 == 0 ? Math.sin(t * rate) : Math.cos(t * rate));
      }
    }
    return Ops.cast(Tensor.of(table, 1, positions, width), dtype);
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    return of(shape.dim(1), shape.dim(2), dtype);
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
