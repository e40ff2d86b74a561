package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;

/** Adam (Kingma and Ba 2014), with AMSGrad as an option. */
public final class Adam extends AdamFamily {
  public static final Entry<Adam> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Adam", null, Adam::new);

  /** Learning rate 0.001. */
  public Adam() {
    this(Config.EMPTY);
  }

  public Adam(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Adam(Config config) {
    super(TYPE, config, null);
  }
}
