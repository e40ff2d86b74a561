package io.weft.systems.aidotnet;

import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * A tensor of any rank as a batch of token sequences, and the way back.
 *
 * @param tokens (batch, tokens, width)
 * @param shape the shape that results get back
 * @param image whether the tokens are the pixels of an image (batch, channels, height, width)
 */
record Tokens(Tensor tokens, Shape shape, boolean image) {
  /** Rank 4 is a batch of images with channels first; otherwise the last two axes are tokens. */
  static Tokens ofQuery(String who, Tensor x, boolean images) {
    Shape s = x.shape();
    if (images && s.rank() == 4) {
      Tensor flat = Ops.reshape(x, s.dim(0), s.dim(1), s.dim(2) * s.dim(3));
      return new Tokens(Ops.swapaxes(flat, 1, 2), s, true);
    }
    if (s.rank() < 2) {
      throw new ShapeException(
          who
              + ": expected a query (tokens, width), (batch, tokens, width)"
              + (images ? ", an image (batch, channels, height, width)" : "")
              + " or one with more leading axes. Received: shape "
              + s);
    }
    return new Tokens(collapsed(x), s, false);
  }

  /** One token, tokens, or a batch of them; further leading axes are part of the batch. */
  static Tensor ofContext(String who, Tensor x) {
    if (x.rank() == 0) {
      throw new ShapeException(
          who
              + ": expected a context (width), (tokens, width) or (batch, tokens, width)."
              + " Received: a scalar");
    }
    return x.rank() == 1 ? Ops.reshape(x, 1, 1, x.dim(0)) : collapsed(x);
  }

  private static Tensor collapsed(Tensor x) {
    int rank = x.rank();
    return rank == 3
        ? x
        : Ops.reshape(x, x.shape().product(0, rank - 2), x.dim(rank - 2), x.dim(rank - 1));
  }

  /** Results for the tokens in the form of the tensor that the tokens came from. */
  Tensor restored(Tensor y) {
    return Ops.reshape(image ? Ops.swapaxes(y, 1, 2) : y, shape.dims());
  }
}
