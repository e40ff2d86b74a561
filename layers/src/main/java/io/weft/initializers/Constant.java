package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.ops.Nested;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** All elements one number; an array is broadcast to the shape. */
public final class Constant extends Configured implements Initializer {
  public static final Entry<Constant> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "Constant", null, Constant::new);

  private final Tensor value;

  /** Restores from a config with {@code value}, 0.0 if missing. */
  public Constant(Config config) {
    super(TYPE, config);
    value = Nested.ofConfig(args.any("value", 0.0));
    if (value == null) {
      throw args.refuse("value", "a number or an array");
    }
  }

  public Constant(double value) {
    this(Config.of("value", value));
  }

  @Override
  public Tensor create(Shape shape, DType dtype) {
    return Ops.broadcastTo(Ops.cast(value, dtype), shape);
  }
}
