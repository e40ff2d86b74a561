package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import java.util.List;

/** Makes optimizers by name. */
public final class Optimizers {
  private Optimizers() {}

  /** All optimizers. */
  public static List<Entry<? extends Optimizer>> entries() {
    return List.of(
        Sgd.TYPE,
        RmsProp.TYPE,
        Adam.TYPE,
        AdamW.TYPE,
        Adagrad.TYPE,
        Adadelta.TYPE,
        Adamax.TYPE,
        Nadam.TYPE,
        Ftrl.TYPE,
        Lion.TYPE,
        Lamb.TYPE,
        Adafactor.TYPE,
        Muon.TYPE,
        ScheduleFreeAdamW.TYPE,
        LossScaleOptimizer.TYPE);
  }

  /**
   * The optimizer of a class name, with Keras' arguments as keys and values: {@code
   * Optimizers.of("Nadam", "learning_rate", 0.01)}.
   */
  public static Optimizer of(String name, Object... options) {
    Entry<?> e = Registry.standard().find(Optimizer.class, name);
    if (e == null) {
      throw new ConfigException(
          "optimizer: expected the name of an optimizer such as 'adam'. Received: '" + name + "'");
    }
    Optimizer made = (Optimizer) e.create(Config.of(options));
    made.afterRestore(null);
    return made;
  }
}
