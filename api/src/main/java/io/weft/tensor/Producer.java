package io.weft.tensor;

import java.util.List;
import java.util.Map;

/** A node of a model graph, as far as tensors know it. */
public interface Producer {
  /** The layer's or op's name, for messages. */
  String producerName();

  /**
   * Adds an op node to the model graph: {@code function} is a name of the public op table (such as
   * {@code mean}), {@code args} are its arguments by name, Keras tensors among them.
   */
  List<Tensor> record(String function, Map<String, Object> args);
}
