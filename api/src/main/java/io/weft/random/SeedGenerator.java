package io.weft.random;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * A seed and a counter in a variable: each key it gives is the present state, which then moves on.
 */
public final class SeedGenerator implements Configurable {
  /** The row of generators that stand in configs in the place of a seed. */
  public static final Entry<SeedGenerator> TYPE =
      new Entry<>(
          SeedGenerator.class, "keras.random", "SeedGenerator", null, SeedGenerator::ofConfig);

  private final Variable state;
  private final Long seed;

  /** A generator from a seed, or from {@link Seeds#next} if null. */
  public SeedGenerator(Long seed) {
    this.seed = seed;
    this.state =
        new Variable("seed_generator_state", key(seed == null ? Seeds.next() : seed), false);
  }

  private static SeedGenerator ofConfig(Config c) {
    if (c.get("seed") != null && !(c.get("seed") instanceof Long)) {
      throw new ConfigException(
          "SeedGenerator: seed must be an integer or null. Received: seed=" + c.get("seed"));
    }
    return new SeedGenerator((Long) c.get("seed"));
  }

  @Override
  public Config getConfig() {
    return Config.of("seed", seed, "name", "seed_generator");
  }

  @Override
  public Object serialized() {
    return TYPE.envelope(getConfig());
  }

  /** The variable, int64 (2,). */
  public Variable state() {
    return state;
  }

  /** The key of the next draw, int64 (2,). */
  public Tensor next() {
    Tensor now = state.raw();
    state.assign(Ops.add(now, Tensor.of(new long[] {0, 1})));
    return now;
  }

  /** The first key of a seed, for draws that depend on the seed alone. */
  public static Tensor key(long seed) {
    return Tensor.ofTrusted(new HostArray(DType.INT64, Shape.of(2), new long[] {seed, 0}));
  }
}
