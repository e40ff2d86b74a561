package io.weft.layers.core;

import io.weft.tensor.KerasTensor;

/** Inputs of functional models. */
public final class Input {
  private Input() {}

  /** A float32 input of these sizes after the batch; −1 is unknown. */
  public static KerasTensor of(int... shape) {
    return of(null, "float32", shape);
  }

  /** A named float32 input. */
  public static KerasTensor of(String name, int... shape) {
    return of(name, "float32", shape);
  }

  /** A named input of a dtype. */
  public static KerasTensor of(String name, String dtype, int... shape) {
    return InputLayer.of(name, dtype, shape).output();
  }
}
