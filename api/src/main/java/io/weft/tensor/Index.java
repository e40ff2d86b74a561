package io.weft.tensor;

/**
 * One place of a NumPy index: a position, a range, a new axis, an ellipsis or a tensor of
 * positions.
 */
public sealed interface Index {
  /** One position; the axis goes away. */
  record At(int position) implements Index {}

  /** start:stop:step with null for what is left out. */
  record Range(Integer start, Integer stop, Integer step) implements Index {}

  /** A new axis of size 1. */
  record NewAxis() implements Index {}

  /** As many full axes as are left. */
  record Ellipsis() implements Index {}

  /** Positions given by an integer tensor, or a boolean tensor (eager only). */
  record Positions(Tensor tensor) implements Index {}

  static Index at(int position) {
    return new At(position);
  }

  static Index range(int start, int stop) {
    return new Range(start, stop, null);
  }

  static Index range(Integer start, Integer stop, Integer step) {
    return new Range(start, stop, step);
  }

  static Index from(int start) {
    return new Range(start, null, null);
  }

  static Index to(int stop) {
    return new Range(null, stop, null);
  }

  static Index all() {
    return new Range(null, null, null);
  }

  static Index newAxis() {
    return new NewAxis();
  }

  static Index ellipsis() {
    return new Ellipsis();
  }

  static Index positions(Tensor tensor) {
    return new Positions(tensor);
  }
}
