package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Dropout that keeps mean and variance of standard normal inputs: dropped elements become the limit
 * of SELU, then everything is scaled and shifted (Klambauer et al. 2017).
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class AlphaDropout extends NoiseLayer {
  public static final LayerType<AlphaDropout> TYPE =
      LayerType.keras("AlphaDropout", AlphaDropout::new).args("training").builtAtOnce();

  private static final double LIMIT = -1.6732632423543772 * 1.0507009873554805;

  private final List<?> noiseShape;

  /** Drops a share of the elements, in [0, 1]. */
  public AlphaDropout(double rate) {
    this(Config.of("rate", rate));
  }

  /** Restores a layer from its config. */
  public AlphaDropout(Config config) {
    super(TYPE, config, "rate");
    noiseShape = readNoiseShape();
  }

  @Override
  Tensor disturb(Tensor x, Tensor key) {
    double rate = amount();
    double a = 1 / Math.sqrt((1 - rate) * (1 + rate * LIMIT * LIMIT));
    double b = -a * LIMIT * rate;
    Tensor u = RandomOps.uniform(noiseShape(noiseShape, x), 0, 1, DType.FLOAT32, key);
    return Ops.where(Ops.greaterEqual(u, rate), x, LIMIT).times(a).plus(b);
  }
}
