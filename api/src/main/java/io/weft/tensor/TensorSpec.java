package io.weft.tensor;

/** What is known of a tensor before its numbers: shape and element type. */
public record TensorSpec(Shape shape, DType dtype) {
  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
