package io.weft.systems.diffusers;

import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Settings of one step of a scheduler. Immutable; each scheduler reads its own.
 *
 * @param eta how much noise DDIM adds again, 0 (none, the default) to 1 (as DDPM)
 * @param useClipped whether DDIM derives the noise again from the clipped image
 * @param noise the noise to add; null to draw it
 * @param seed where noise is drawn from; null for a fresh generator
 * @param churn Euler's s_churn
 * @param churnFrom Euler's s_tmin, the lowest sigma with churn
 * @param churnTo Euler's s_tmax, the highest one
 * @param churnNoise Euler's s_noise
 */
public record StepOptions(
    double eta,
    boolean useClipped,
    Tensor noise,
    SeedGenerator seed,
    double churn,
    double churnFrom,
    double churnTo,
    double churnNoise) {
  /** The defaults. */
  public static final StepOptions NONE =
      new StepOptions(0, false, null, null, 0, 0, Double.POSITIVE_INFINITY, 1);

  public StepOptions withEta(double value) {
    return new StepOptions(value, useClipped, noise, seed, churn, churnFrom, churnTo, churnNoise);
  }

  public StepOptions withUseClipped(boolean on) {
    return new StepOptions(eta, on, noise, seed, churn, churnFrom, churnTo, churnNoise);
  }

  public StepOptions withNoise(Tensor value) {
    return new StepOptions(eta, useClipped, value, seed, churn, churnFrom, churnTo, churnNoise);
  }

  public StepOptions withSeed(SeedGenerator generator) {
    return new StepOptions(
        eta, useClipped, noise, generator, churn, churnFrom, churnTo, churnNoise);
  }

  public StepOptions withChurn(double value, double from, double to, double noiseFactor) {
    return new StepOptions(eta, useClipped, noise, seed, value, from, to, noiseFactor);
  }

  /** The noise for a shape: the given one, or a draw from the standard normal distribution. */
  Tensor noise(Shape shape, DType dtype) {
    if (noise != null) {
      return noise;
    }
    SeedGenerator g = seed == null ? new SeedGenerator(null) : seed;
    return RandomOps.normal(shape, 0, 1, dtype, g.next());
  }
}
