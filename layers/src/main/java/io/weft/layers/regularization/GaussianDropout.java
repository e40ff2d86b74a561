package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Tensor;

/**
 * In training multiplies by normal noise with mean 1 and variance rate / (1 − rate).
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class GaussianDropout extends NoiseLayer {
  public static final LayerType<GaussianDropout> TYPE =
      LayerType.keras("GaussianDropout", GaussianDropout::new).args("training").builtAtOnce();

  /** Noise as strong as a dropout of this rate, in [0, 1). */
  public GaussianDropout(double rate) {
    this(Config.of("rate", rate));
  }

  /** Restores a layer from its config. */
  public GaussianDropout(Config config) {
    super(TYPE, config, "rate");
  }

  @Override
  Tensor disturb(Tensor x, Tensor key) {
    double stddev = Math.sqrt(amount() / (1 - amount()));
    return x.times(RandomOps.normal(x.shape(), 1, stddev, policy().compute(), key));
  }
}
