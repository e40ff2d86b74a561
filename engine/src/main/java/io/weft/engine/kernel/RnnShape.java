package io.weft.engine.kernel;

/**
 * Geometry of a whole recurrent sequence: input (batch, steps, features), states (batch, units).
 * With {@code reverse} the steps are read from the last to the first; outputs and everything saved
 * for the gradient are in the order of processing, as Keras' {@code go_backwards}.
 */
public record RnnShape(int batch, int steps, int features, int units, boolean reverse) {
  int rows() {
    return batch * steps;
  }
}
