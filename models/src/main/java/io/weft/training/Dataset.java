package io.weft.training;

import io.weft.error.ConfigException;

/**
 * Inputs, targets and weights with the way they are cut into batches: {@code Dataset.of(x,
 * y).shuffle(7).batch(32)}. Immutable; holds tensors or nests of them as {@code fit} takes them.
 */
public final class Dataset {
  private final Object x;
  private final Object y;
  private final Object weight;
  private final Long seed;
  private final int batchSize;

  private Dataset(Object x, Object y, Object weight, Long seed, int batchSize) {
    this.x = x;
    this.y = y;
    this.weight = weight;
    this.seed = seed;
    this.batchSize = batchSize;
  }

  /** Inputs alone, in batches of 32 rows, in their order. */
  public static Dataset of(Object x) {
    return of(x, null);
  }

  /** Inputs and targets. */
  public static Dataset of(Object x, Object y) {
    return of(x, y, null);
  }

  /** Inputs, targets and a weight for each row. */
  public static Dataset of(Object x, Object y, Object weight) {
    return new Dataset(x, y, weight, null, 32);
  }

  /** A new random order for each epoch of training; evaluation and prediction keep the order. */
  public Dataset shuffle(long newSeed) {
    return new Dataset(x, y, weight, newSeed, batchSize);
  }

  /** Rows of a batch; the last may have fewer. */
  public Dataset batch(int rows) {
    if (rows < 1) {
      throw new ConfigException("Dataset: batch must be positive. Received: " + rows);
    }
    return new Dataset(x, y, weight, seed, rows);
  }

  public Object x() {
    return x;
  }

  public Object y() {
    return y;
  }

  public Object weight() {
    return weight;
  }

  public int batchSize() {
    return batchSize;
  }

  /** The arguments of a training on this data. */
  public Fit configure(Fit fit) {
    Fit f = fit.batchSize(batchSize).shuffle(seed != null);
    f = seed == null ? f : f.seed(seed);
    return weight == null ? f : f.sampleWeight(weight);
  }
}
