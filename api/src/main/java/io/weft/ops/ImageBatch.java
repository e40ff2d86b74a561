package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.function.UnaryOperator;

/** Brings images into the form (batch, spatial..., channels) and results back. */
final class ImageBatch {
  private ImageBatch() {}

  /**
   * Applies a function of (batch, spatial..., channels) to images that may be a single one, or have
   * their channels first where {@code data_format} says so.
   */
  static Tensor apply(OpArgs a, Tensor images, int spatial, UnaryOperator<Tensor> body) {
    int rank = images.rank();
    if (rank != spatial + 1 && rank != spatial + 2) {
      throw new ShapeException(
          a.function()
              + ": expected images of rank "
              + (spatial + 1)
              + " (one image) or "
              + (spatial + 2)
              + " (a batch). Received: "
              + images.shape());
    }
    boolean single = rank == spatial + 1;
    boolean first = DataFormat.channelsFirst(a);
    Tensor x = single ? Ops.expandDims(images, 0) : images;
    x = first ? DataFormat.toLast(x, spatial) : x;
    Tensor y = body.apply(x);
    y = first ? DataFormat.toFirst(y, spatial) : y;
    return single ? Ops.squeeze(y, 0) : y;
  }
}
