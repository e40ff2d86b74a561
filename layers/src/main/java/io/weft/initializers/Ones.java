package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** All elements 1. */
public final class Ones extends Configured implements Initializer {
  public static final Entry<Ones> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "Ones", null, Ones::new);

  /** Restores from an empty config. */
  public Ones(Config config) {
    super(TYPE, config);
  }

  public Ones() {
    this(Config.EMPTY);
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    return Ops.ones(shape, dtype);
  }
}
