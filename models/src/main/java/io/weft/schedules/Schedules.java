package io.weft.schedules;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;

/** Makes schedules by name. */
public final class Schedules {
  private Schedules() {}

  /**
   * The schedule of a class name, with Keras' arguments as keys and values: {@code
   * Schedules.of("CosineDecay", "initial_learning_rate", 0.1, "decay_steps", 1000)}.
   */
  public static LearningRateSchedule of(String name, Object... options) {
    for (Entry<LearningRateSchedule> e : FunctionSchedule.entries()) {
      if (e.className().equals(name)) {
        LearningRateSchedule made = e.create(Config.of(options));
        ((FunctionSchedule) made).afterRestore(null);
        return made;
      }
    }
    throw new ConfigException(
        "schedule: expected one of "
            + FunctionSchedule.entries().stream().map(Entry::className).toList()
            + ". Received: '"
            + name
            + "'");
  }
}
