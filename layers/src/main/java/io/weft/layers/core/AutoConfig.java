package io.weft.layers.core;

import io.weft.config.Config;

/** Configs of the classes for which Keras makes them from the constructor's call. */
final class AutoConfig {
  private AutoConfig() {}

  /** First some keys, then those that were given in their order, then the rest. */
  static Config order(Config config, Config given, String... first) {
    Config c = Config.EMPTY;
    for (String k : first) {
      c = c.with(k, config.get(k));
    }
    for (String k : given.keys()) {
      c = config.has(k) ? c.with(k, config.get(k)) : c;
    }
    return c.plus(config);
  }
}
