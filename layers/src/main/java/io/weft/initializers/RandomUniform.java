package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** Numbers spread evenly in [minval, maxval); defaults: −0.05 and 0.05. */
public final class RandomUniform extends RandomInitializer {
  public static final Entry<RandomUniform> TYPE =
      new Entry<>(
          Initializer.class, "keras.initializers", "RandomUniform", null, RandomUniform::new);

  private final double minval;
  private final double maxval;

  /** Restores from a config with {@code seed}, {@code minval}, {@code maxval}. */
  public RandomUniform(Config config) {
    super(TYPE, config);
    minval = args.number("minval", -0.05);
    maxval = args.number("maxval", 0.05);
  }

  public RandomUniform(double minval, double maxval) {
    this(Config.of("minval", minval, "maxval", maxval));
  }

  /** With a seed of one's own: the same numbers each time. */
  public RandomUniform(double minval, double maxval, int seed) {
    this(Config.of("seed", seed, "minval", minval, "maxval", maxval));
  }

  @Override
  Tensor draw(Shape shape, DType dtype, Tensor key) {
    return RandomOps.uniform(shape, minval, maxval, dtype, key);
  }
}
