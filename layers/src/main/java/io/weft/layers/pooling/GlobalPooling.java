package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.DataFormat;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Maximum or average over all spatial axes. */
abstract class GlobalPooling extends UnaryLayer {
  private final boolean max;
  private final int[] axes;
  private final boolean keepdims;

  GlobalPooling(LayerType<?> type, Config config, boolean max, int rank) {
    super(type, config);
    this.max = max;
    boolean channelsFirst = DataFormat.channelsFirst(args);
    keepdims = args.bool("keepdims", false);
    axes = new int[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = channelsFirst ? i + 2 : i + 1;
    }
    setInputSpec(InputSpec.rank(rank + 2));
  }

  final int[] axes() {
    return axes;
  }

  final boolean keepdims() {
    return keepdims;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return max ? Ops.max(x, axes, keepdims) : Ops.mean(x, axes, keepdims);
  }
}
