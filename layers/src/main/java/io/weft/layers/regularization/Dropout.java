package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * In training sets elements to 0 with probability {@code rate} and divides the others by 1 − rate
 * (Srivastava et al. 2014). Where {@code noise_shape} has a 1, elements share their fate.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class Dropout extends NoiseLayer {
  public static final LayerType<Dropout> TYPE =
      LayerType.keras("Dropout", Dropout::new).args("training").builtAtOnce();

  private final List<?> noiseShape;

  /** Drops a share of the elements, in [0, 1]. */
  public Dropout(double rate) {
    this(builder(rate).config());
  }

  /** Restores a layer from its config. */
  public Dropout(Config config) {
    super(TYPE, config, "rate");
    noiseShape = readNoiseShape();
  }

  @Override
  Tensor disturb(Tensor x, Tensor key) {
    return RandomOps.dropout(x, amount(), noiseShape(noiseShape, x), key);
  }

  public static Builder builder(double rate) {
    return new Builder(rate);
  }

  /** Optional settings of {@link Dropout}. */
  public static final class Builder extends Layer.Builder<Dropout, Builder> {
    private Builder(double rate) {
      set("rate", rate);
    }

    /** Sizes of the drawn mask: 1 where elements share, null where the input's size stands. */
    public Builder noiseShape(Integer... sizes) {
      return set("noise_shape", sizes);
    }

    /** A seed, so that the draws repeat. */
    public Builder seed(int seed) {
      return set("seed", seed);
    }

    @Override
    public Dropout build() {
      return new Dropout(config());
    }
  }
}
