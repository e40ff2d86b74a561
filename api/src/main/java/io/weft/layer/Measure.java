package io.weft.layer;

import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * A figure that is kept over batches, as far as layers know it. Every metric is one; a layer makes
 * one of itself for each name that its call records ({@link CallContext#addMetric(Tensor,
 * String)}).
 */
public interface Measure {
  /** The name under which logs have it. */
  String name();

  /** The present figure. */
  Tensor result();

  /** Forgets all batches. */
  void reset();

  /** The state that is kept. */
  List<Variable> variables();
}
