package io.weft.schedules;

import io.weft.config.Configurable;
import io.weft.tensor.Tensor;

/** The learning rate of each step. */
public interface LearningRateSchedule extends Configurable {
  /** The rate, a float32 scalar, at an integer step counted from 0. */
  Tensor at(Tensor step);
}
