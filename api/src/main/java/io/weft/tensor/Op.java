package io.weft.tensor;

import java.util.List;

/**
 * One primitive or fused operation. Implemented by records: the attributes are components, so
 * equality (needed by caches and common-subexpression sharing) comes for free. Operands of an op
 * have settled dtypes; promotion is done by the facade {@link Ops}.
 */
public interface Op {
  /** The word in errors, profiles and dumps, such as {@code matmul}. */
  String name();

  /** The shape and dtype rule, for known shapes; the only place that refuses inputs. */
  List<TensorSpec> infer(List<TensorSpec> in);

  /**
   * Gradients of the inputs in terms of the gradients of the outputs, written with {@link Ops} so
   * that it works eagerly, in a capture and twice. Null entries mean no gradient; null for the
   * whole means: as the decomposition says.
   */
  default List<Tensor> vjp(Vjp v) {
    return null;
  }

  /** The same value in plainer ops, or null for a primitive that every backend must have. */
  default List<Tensor> decompose(List<Tensor> in) {
    return null;
  }
}
