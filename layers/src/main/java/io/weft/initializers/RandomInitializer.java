package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** What the random initializers share: the seed, which comes first in their configs. */
abstract class RandomInitializer extends Configured implements Initializer {
  private final SeedGenerator generator;
  private final Tensor key;

  RandomInitializer(Entry<?> type, Config config) {
    super(type, config);
    if (args.any("seed", null) instanceof SeedGenerator g) {
      generator = g;
      key = null;
    } else {
      generator = null;
      Integer given = args.integerOrNull("seed", null);
      // not read from a generator: layers made while a capture is open have initializers too
      key = SeedGenerator.key(given == null ? Seeds.next() : (long) given);
    }
  }

  /** The numbers of the shape. */
  abstract Tensor draw(Shape shape, DType dtype, Tensor key);

  @Override
  public final Tensor create(Shape shape, DType dtype) {
    return draw(shape, dtype, generator == null ? key : generator.next());
  }
}
