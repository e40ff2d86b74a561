package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** What the random initializers share: the seed, which comes first in their configs. */
abstract class RandomInitializer extends Configured implements Initializer {
  private final SeedGenerator generator;
  private final long seed;

  RandomInitializer(Entry<?> type, Config config) {
    super(type, config);
    if (args.any("seed", null) instanceof SeedGenerator g) {
      generator = g;
      seed = 0;
    } else {
      generator = null;
      Integer given = args.integerOrNull("seed", null);
      seed = given == null ? Seeds.next() : given;
    }
  }

  /** The numbers of the shape. */
  abstract HostArray draw(Draws draws, Shape shape, DType dtype);

  @Override
  public final Tensor create(Shape shape, DType dtype) {
    return Tensor.ofTrusted(draw(new Draws(nextSeed()), shape, dtype));
  }

  /** The fixed seed, or the next one of a generator (whose state then moves on). */
  private long nextSeed() {
    if (generator == null) {
      return seed;
    }
    long[] key = generator.next().toLongArray();
    return key[0] ^ key[1] << 32;
  }
}
