package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Tensor;

/**
 * In training adds normal noise with mean 0 and deviation {@code stddev}, a number in [0, 1].
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class GaussianNoise extends NoiseLayer {
  public static final LayerType<GaussianNoise> TYPE =
      LayerType.keras("GaussianNoise", GaussianNoise::new).args("training").builtAtOnce();

  /** Noise of a standard deviation. */
  public GaussianNoise(double stddev) {
    this(Config.of("stddev", stddev));
  }

  /** Restores a layer from its config. */
  public GaussianNoise(Config config) {
    super(TYPE, config, "stddev");
  }

  @Override
  Tensor disturb(Tensor x, Tensor key) {
    return x.plus(RandomOps.normal(x.shape(), 0, amount(), policy().compute(), key));
  }
}
