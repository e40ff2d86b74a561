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

/** {@code gain} on the main diagonal of a matrix, 0 elsewhere. Keras does not write the gain. */
public final class Identity extends Configured implements Initializer {
  public static final Entry<Identity> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "Identity", null, Identity::new);

  private final double gain;

  /** Restores from a config; {@code gain} is read where there is one (Keras 2 wrote it). */
  public Identity(Config config) {
    super(TYPE, config);
    gain = args.number("gain", 1.0);
    args.forget("gain");
  }

  public Identity(double gain) {
    this(Config.of("gain", gain));
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    if (shape.rank() != 2) {
      throw new ShapeException("Identity: expected a matrix. Received: shape " + shape);
    }
    HostArray a = HostArray.zeros(dtype, shape);
    for (int i = 0; i < Math.min(shape.dim(0), shape.dim(1)); i++) {
      a.set(i * shape.dim(1) + i, gain);
    }
    return Tensor.ofTrusted(a);
  }
}
