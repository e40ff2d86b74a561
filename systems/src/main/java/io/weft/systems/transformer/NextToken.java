package io.weft.systems.transformer;

import io.weft.systems.core.KeyValueCache;
import io.weft.tensor.Tensor;

/** A model that says which token comes next. */
@FunctionalInterface
public interface NextToken {
  /**
   * Scores of the tokens that may follow.
   *
   * @param tokens (batch, T), those that the cache has not seen yet
   * @param cache what the model keeps from step to step
   * @return logits (batch, T, vocabulary)
   */
  Tensor logits(Tensor tokens, KeyValueCache cache);
}
