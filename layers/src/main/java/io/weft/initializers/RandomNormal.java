package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** Normal numbers; defaults: mean 0, standard deviation 0.05. */
public final class RandomNormal extends RandomInitializer {
  public static final Entry<RandomNormal> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "RandomNormal", null, RandomNormal::new);

  private final double mean;
  private final double stddev;

  /** Restores from a config with {@code seed}, {@code mean}, {@code stddev}. */
  public RandomNormal(Config config) {
    super(TYPE, config);
    mean = args.number("mean", 0.0);
    stddev = args.number("stddev", 0.05);
  }

  public RandomNormal(double mean, double stddev) {
    this(Config.of("mean", mean, "stddev", stddev));
  }

  /** With a seed of one's own: the same numbers each time. */
  public RandomNormal(double mean, double stddev, int seed) {
    this(Config.of("seed", seed, "mean", mean, "stddev", stddev));
  }

  @Override
  Tensor draw(Shape shape, DType dtype, Tensor key) {
    return RandomOps.normal(shape, mean, stddev, dtype, key);
  }
}
