package io.weft.systems.crossvit;

import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/** What the layers on tokens (batch, N, dim) check and share. */
final class Tokens {
  private Tokens() {}

  static void require(String who, Shape s, int dim) {
    if (s.rank() != 3 || s.dim(2) != dim) {
      throw new ShapeException(
          who + ": expected tokens (batch, tokens, " + dim + "). Received: shape " + s);
    }
  }

  /** A mask of keys (batch, N) for scores (batch, heads, T, N); null stays null. */
  static Tensor keys(Tensor mask) {
    return mask == null ? null : Ops.reshape(mask, mask.dim(0), 1, 1, mask.dim(1));
  }
}
