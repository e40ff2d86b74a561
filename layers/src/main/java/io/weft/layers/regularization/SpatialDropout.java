package io.weft.layers.regularization;

import io.weft.config.Config;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.ops.DataFormat;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Dropout of whole channels over {@code rank} spatial axes (Tompson et al. 2015). The configs of
 * these classes hold {@code rate, seed, name, dtype} and no {@code trainable}, the dtype as a plain
 * name.
 */
abstract class SpatialDropout extends NoiseLayer {
  private final int rank;
  private final boolean channelsFirst;

  SpatialDropout(LayerType<?> type, Config config, int rank) {
    super(type, config, "rate");
    this.rank = rank;
    channelsFirst = rank > 1 && DataFormat.channelsFirst(args);
    setInputSpec(InputSpec.rank(rank + 2));
  }

  @Override
  Tensor disturb(Tensor x, Tensor key) {
    Shape noise = x.shape();
    for (int i = 0; i < rank; i++) {
      noise = noise.withDim(channelsFirst ? i + 2 : i + 1, 1);
    }
    return RandomOps.dropout(x, amount(), noise, key);
  }

  @Override
  public final Config getConfig() {
    Config c = super.getConfig();
    return Config.of(
            "rate", null, "seed", null, "name", null, "dtype", null) // the order of the keys
        .plus(c.with("dtype", policy().variable().kerasName()).without("trainable"));
  }
}
