package io.weft.layer;

import io.weft.tensor.Tensor;
import java.util.List;

/** A layer that learns its state from data before training. */
public interface Adaptable {
  /** Learns from batches; what was learned before is forgotten. */
  void adapt(Iterable<Tensor> batches);

  /** Learns from one tensor that holds all data. */
  default void adapt(Tensor data) {
    adapt(List.of(data));
  }
}
