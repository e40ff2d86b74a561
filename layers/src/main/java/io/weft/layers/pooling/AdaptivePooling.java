package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Convolutions;
import io.weft.ops.DataFormat;
import io.weft.tensor.Tensor;

/** Pooling to a given number of windows that cover each spatial axis evenly. */
abstract class AdaptivePooling extends UnaryLayer {
  private final boolean max;
  private final int rank;
  private final int[] outputSize;
  private final boolean channelsFirst;

  AdaptivePooling(LayerType<?> type, Config config, boolean max, int rank) {
    super(type, config);
    this.max = max;
    this.rank = rank;
    outputSize = args.positiveInts("output_size", rank, null);
    channelsFirst = DataFormat.channelsFirst(args);
  }

  @Override
  public final Tensor call(Tensor x, CallContext ctx) {
    Tensor y =
        Convolutions.adaptivePool(max, channelsFirst ? DataFormat.toLast(x, rank) : x, outputSize);
    return channelsFirst ? DataFormat.toFirst(y, rank) : y;
  }
}
