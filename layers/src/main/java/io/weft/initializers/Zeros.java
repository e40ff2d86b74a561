package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** All elements 0. */
public final class Zeros extends Configured implements Initializer {
  public static final Entry<Zeros> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "Zeros", null, Zeros::new);

  /** Restores from an empty config. */
  public Zeros(Config config) {
    super(TYPE, config);
  }

  public Zeros() {
    this(Config.EMPTY);
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    return Ops.zeros(shape, dtype);
  }
}
