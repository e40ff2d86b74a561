package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** A layer that adds randomness in training: identity otherwise, and where its amount is 0. */
abstract class NoiseLayer extends UnaryLayer {
  private final double amount;
  private final Integer seed;
  private SeedGenerator generator;

  /** Reads the amount, a number in [0, 1], and {@code seed}. */
  NoiseLayer(LayerType<?> type, Config config, String amountKey) {
    super(type, config);
    amount = args.rate(amountKey);
    Integer given = args.integerOrNull("seed", null);
    // drawn here and not in build, which may come with the first training step only
    seed = given == null && amount > 0 ? (Integer) (int) Seeds.next() : given;
    setSupportsMasking(true);
  }

  final double amount() {
    return amount;
  }

  /** The disturbed input; {@code key} is for one draw. */
  abstract Tensor disturb(Tensor x, Tensor key);

  @Override
  protected final void build(BuildContext b) {
    generator = amount > 0 ? b.addSeed(seed) : null;
  }

  @Override
  public final Tensor call(Tensor x, CallContext ctx) {
    return amount > 0 && ctx.training() ? disturb(x, ctx.randomKey(generator)) : x;
  }

  /** Reads {@code noise_shape}: null, or sizes with null for those of the input. */
  final List<?> readNoiseShape() {
    Object v = args.any("noise_shape", null);
    boolean ok =
        v == null
            || v instanceof List<?> l
                && l.stream().allMatch(e -> e == null || e instanceof Long n && n > 0);
    if (!ok) {
      throw args.refuse("noise_shape", "null or a list of positive integers and nulls");
    }
    return (List<?>) v;
  }

  /** The shape that is drawn for x. */
  final Shape noiseShape(List<?> given, Tensor x) {
    if (given == null) {
      return x.shape();
    }
    int[] d = x.shape().dims();
    if (given.size() != d.length) {
      throw new ConfigException(
          label()
              + ": noise_shape must have one size per axis of "
              + x.shape()
              + ". Received: noise_shape="
              + given);
    }
    for (int i = 0; i < d.length; i++) {
      d[i] = given.get(i) == null ? d[i] : Math.toIntExact((Long) given.get(i));
    }
    return Shape.of(d);
  }
}
