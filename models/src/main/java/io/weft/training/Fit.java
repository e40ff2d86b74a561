package io.weft.training;

import io.weft.error.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The arguments of {@code fit}, with Keras' names and defaults. Immutable. */
public final class Fit {
  final int epochs;
  int batchSize = 32;
  int initialEpoch;
  Integer stepsPerEpoch;
  List<Integer> validationEpochs;
  int validationFreq = 1;
  Integer validationSteps;
  Integer validationBatchSize;
  double validationSplit;
  Object validationX;
  Object validationY;
  Object validationWeight;
  Object sampleWeight;
  Map<Integer, Double> classWeight;
  boolean shuffle = true;
  Long seed;
  boolean verbose;
  List<Callback> callbacks = List.of();

  private Fit(int epochs) {
    this.epochs = epochs;
  }

  private Fit copy() {
    Fit f = new Fit(epochs);
    f.batchSize = batchSize;
    f.initialEpoch = initialEpoch;
    f.stepsPerEpoch = stepsPerEpoch;
    f.validationFreq = validationFreq;
    f.validationEpochs = validationEpochs;
    f.validationSteps = validationSteps;
    f.validationBatchSize = validationBatchSize;
    f.validationSplit = validationSplit;
    f.validationX = validationX;
    f.validationY = validationY;
    f.validationWeight = validationWeight;
    f.sampleWeight = sampleWeight;
    f.classWeight = classWeight;
    f.shuffle = shuffle;
    f.seed = seed;
    f.verbose = verbose;
    f.callbacks = callbacks;
    return f;
  }

  /** Training up to this epoch (a count when starting at 0). */
  public static Fit epochs(int epochs) {
    if (epochs < 1) {
      throw new ConfigException("fit: epochs must be positive. Received: " + epochs);
    }
    return new Fit(epochs);
  }

  /** Rows a step; default 32. */
  public Fit batchSize(int rows) {
    if (rows < 1) {
      throw new ConfigException("fit: batch size must be positive. Received: " + rows);
    }
    Fit f = copy();
    f.batchSize = rows;
    return f;
  }

  public Fit initialEpoch(int epoch) {
    Fit f = copy();
    f.initialEpoch = epoch;
    return f;
  }

  /** Ends an epoch after so many steps; the data goes on where it stopped. */
  public Fit stepsPerEpoch(int steps) {
    Fit f = copy();
    f.stepsPerEpoch = steps;
    return f;
  }

  /** Takes the last share of the rows, before shuffling, for validation. */
  public Fit validationSplit(double share) {
    if (!(share > 0 && share < 1)) {
      throw new ConfigException("fit: validation split must be in (0, 1). Received: " + share);
    }
    Fit f = copy();
    f.validationSplit = share;
    return f;
  }

  /** Data to evaluate after each epoch: tensors or nests of them. */
  public Fit validation(Object x, Object y) {
    return validation(x, y, null);
  }

  /** Data to evaluate after each epoch, in its batches. */
  public Fit validation(Dataset data) {
    return validation(data.x(), data.y(), data.weight()).validationBatchSize(data.batchSize());
  }

  public Fit validation(Object x, Object y, Object weight) {
    Fit f = copy();
    f.validationX = x;
    f.validationY = y;
    f.validationWeight = weight;
    return f;
  }

  /** Validates only every so many epochs. */
  public Fit validationFreq(int epochs) {
    if (epochs < 1) {
      throw new ConfigException("fit: validation_freq must be positive. Received: " + epochs);
    }
    Fit f = copy();
    f.validationFreq = epochs;
    return f;
  }

  /** Validates after these epochs, counted from 1. */
  public Fit validationEpochs(List<Integer> epochs) {
    Fit f = copy();
    f.validationEpochs = List.copyOf(epochs);
    return f;
  }

  /** Whether the epoch of a number, counted from 1, is followed by a validation. */
  boolean validates(int epoch) {
    return validationEpochs != null
        ? validationEpochs.contains(epoch)
        : epoch % validationFreq == 0;
  }

  /** Validates on so many batches only. */
  public Fit validationSteps(int batches) {
    Fit f = copy();
    f.validationSteps = batches;
    return f;
  }

  /** Rows of a batch of validation; default as in training. */
  public Fit validationBatchSize(int rows) {
    Fit f = copy();
    f.validationBatchSize = rows;
    return f;
  }

  /** One weight a row (or finer): a tensor, or one for each output. */
  public Fit sampleWeight(Object weight) {
    Fit f = copy();
    f.sampleWeight = weight;
    return f;
  }

  /** Weights by class index; classes that are missing weigh 1. */
  public Fit classWeight(Map<Integer, Double> weight) {
    Fit f = copy();
    f.classWeight = Map.copyOf(weight);
    return f;
  }

  /** Whether rows come in a new random order each epoch; default true. */
  public Fit shuffle(boolean on) {
    Fit f = copy();
    f.shuffle = on;
    return f;
  }

  /** Makes the order of rows repeatable. */
  public Fit seed(long value) {
    Fit f = copy();
    f.seed = value;
    return f;
  }

  /** Whether to draw a progress bar on standard output; default false. */
  public Fit verbose(boolean on) {
    Fit f = copy();
    f.verbose = on;
    return f;
  }

  /** Callbacks, told in this order. */
  public Fit callbacks(Callback... list) {
    Fit f = copy();
    List<Callback> all = new ArrayList<>(callbacks);
    all.addAll(List.of(list));
    f.callbacks = List.copyOf(all);
    return f;
  }

  public Object sampleWeight() {
    return sampleWeight;
  }

  public Map<Integer, Double> classWeight() {
    return classWeight;
  }

  public Object validationX() {
    return validationX;
  }

  public Object validationY() {
    return validationY;
  }

  public Object validationWeight() {
    return validationWeight;
  }
}
