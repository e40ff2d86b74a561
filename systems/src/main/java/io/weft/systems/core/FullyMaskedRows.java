package io.weft.systems.core;

/** What a query gets whose keys are all masked. */
public enum FullyMaskedRows {
  /** The average of all values, as in Keras: all scores are equally low. */
  UNIFORM,
  /** Zero, as in DeepMind's Perceiver. */
  ZERO
}
