package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Takes elements away at both ends of each spatial axis. */
abstract class Cropping extends EdgeLayer {
  Cropping(LayerType<?> type, Config config, int rank, Object fallback) {
    super(type, config, "cropping", rank, fallback, rank > 1);
  }

  @Override
  public final Tensor call(Tensor x, CallContext ctx) {
    int[][] e = edges();
    int[] start = new int[e.length];
    int[] size = x.shape().dims();
    for (int i = 0; i < e.length; i++) {
      start[i] = e[i][0];
      size[i] -= e[i][0] + e[i][1];
      if (size[i] <= 0 && x.dim(i) > 0) {
        throw new ShapeException(
            label()
                + ": cropping must leave elements on each axis. Received: an input of shape "
                + x.shape()
                + ", "
                + e[i][0]
                + " and "
                + e[i][1]
                + " to take from axis "
                + i);
      }
    }
    return Ops.slice(x, start, size);
  }
}
