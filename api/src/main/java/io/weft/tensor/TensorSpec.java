package io.weft.tensor;

/**
 * What is known of a tensor before its numbers: shape and element type. Equality is written out,
 * because linking a record's own takes some 10 ms of the first prediction of a process.
 */
public record TensorSpec(Shape shape, DType dtype) {
  @Override
  public boolean equals(Object o) {
    return this == o || o instanceof TensorSpec s && dtype == s.dtype && shape.equals(s.shape);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + dtype.hashCode();
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
