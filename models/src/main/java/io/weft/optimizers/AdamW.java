package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;

/** Adam with decoupled weight decay (Loshchilov and Hutter 2017), 0.004 by default. */
public final class AdamW extends AdamFamily {
  public static final Entry<AdamW> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "AdamW", null, AdamW::new);

  public AdamW(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public AdamW(Config config) {
    super(TYPE, config, 0.004);
    if (args.noted().get("weight_decay") == null) {
      throw args.refuse("weight_decay", "a number");
    }
  }
}
