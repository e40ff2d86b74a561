package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Convolutions;
import io.weft.ops.DataFormat;
import io.weft.tensor.Tensor;

/** Pooling over moving windows; the average leaves padding out. */
abstract class WindowPooling extends UnaryLayer {
  private final boolean max;
  private final int rank;
  private final int[] poolSize;
  private final int[] strides;
  private final String padding;
  private final boolean channelsFirst;

  WindowPooling(LayerType<?> type, Config config, boolean max, int rank) {
    super(type, config);
    this.max = max;
    this.rank = rank;
    poolSize = args.positiveInts("pool_size", rank, max ? 2 : null);
    padding = args.oneOf("padding", "valid", "valid", "same");
    if (args.any("strides", null) == null) {
      strides = poolSize;
      args.note("strides", strides);
    } else {
      strides = args.positiveInts("strides", rank, 1);
    }
    channelsFirst = DataFormat.channelsFirst(args);
    setInputSpec(InputSpec.rank(rank + 2));
  }

  @Override
  public final Tensor call(Tensor x, CallContext ctx) {
    Tensor y =
        Convolutions.pool(
            max, channelsFirst ? DataFormat.toLast(x, rank) : x, poolSize, strides, padding);
    return channelsFirst ? DataFormat.toFirst(y, rank) : y;
  }

  static Config windows(int[] poolSize) {
    return poolSize.length == 0
        ? Config.EMPTY
        : Config.of("pool_size", poolSize.length == 1 ? (Object) poolSize[0] : poolSize);
  }

  /**
   * Optional arguments of pooling layers.
   *
   * @param <L> the layer
   * @param <B> the builder itself
   */
  public abstract static class PoolingBuilder<L extends Layer, B extends PoolingBuilder<L, B>>
      extends Layer.Builder<L, B> {
    PoolingBuilder(int[] poolSize) {
      windows(poolSize).asMap().forEach(this::set);
    }

    /** How far windows are apart; default their size. */
    public final B strides(int... strides) {
      return set("strides", strides.length == 1 ? (Object) strides[0] : strides);
    }

    /** {@code valid} (the default) or {@code same}. */
    public final B padding(String padding) {
      return set("padding", padding);
    }

    /** {@code channels_last} (the default) or {@code channels_first}. */
    public final B dataFormat(String dataFormat) {
      return set("data_format", dataFormat);
    }
  }
}
