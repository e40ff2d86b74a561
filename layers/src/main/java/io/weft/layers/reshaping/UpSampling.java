package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.DataFormat;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Repeats the elements of spatial axes. */
abstract class UpSampling extends UnaryLayer {
  private final int[] size;
  private final boolean channelsFirst;

  /** One axis has an integer size and no data format. */
  UpSampling(LayerType<?> type, Config config, int rank) {
    super(type, config);
    size = rank == 1 ? new int[] {args.positiveInt("size", 2)} : args.positiveInts("size", rank, 2);
    channelsFirst = rank > 1 && DataFormat.channelsFirst(args);
    setInputSpec(InputSpec.rank(rank + 2));
  }

  final int[] size() {
    return size;
  }

  final boolean channelsFirst() {
    return channelsFirst;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor y = x;
    for (int i = 0; i < size.length; i++) {
      y = size[i] == 1 ? y : Ops.repeat(y, size[i], channelsFirst ? i + 2 : i + 1);
    }
    return y;
  }

  /** The config of the factors given to a constructor. */
  static Config factors(int[] size) {
    return size.length == 0
        ? Config.EMPTY
        : Config.of("size", size.length == 1 ? (Object) size[0] : size);
  }
}
