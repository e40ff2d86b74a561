package io.weft.metrics;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.losses.Losses;
import io.weft.tensor.Tensor;

/** Makes metrics by name. */
public final class Metrics {
  private Metrics() {}

  /** The metric of a class name, snake-case name or alias such as {@code mae}, with options. */
  public static Metric of(String name, Object... options) {
    Entry<?> e = Registry.standard().find(Metric.class, name);
    if (e == null) {
      throw new ConfigException(
          "metric: expected the name of a metric such as 'accuracy' or 'mae'. Received: '"
              + name
              + "'");
    }
    Configurable m = e.create(Config.of(options));
    ((Metric) m).afterRestore(null);
    return (Metric) m;
  }

  /**
   * What {@code compile} means by a metric: an object, a name, an envelope; {@code accuracy}
   * chooses by the shapes of a target and a prediction. A given name is the name in the logs.
   */
  public static Metric resolve(Object identifier, Tensor yTrue, Tensor yPred) {
    if (identifier instanceof Metric m) {
      return m;
    }
    if (identifier instanceof String s) {
      boolean accuracy = s.equalsIgnoreCase("accuracy") || s.equalsIgnoreCase("acc");
      boolean crossentropy = s.equalsIgnoreCase("crossentropy") || s.equalsIgnoreCase("ce");
      String kind = accuracy || crossentropy ? Losses.kind(yTrue, yPred) : null;
      Metric m =
          accuracy ? of(kind + "_accuracy") : crossentropy ? of(kind + "_crossentropy") : of(s);
      m.setName(s);
      return m;
    }
    if (Registry.isEnvelope(identifier)) {
      return resolve(Registry.standard().restore(identifier, "metrics"), yTrue, yPred);
    }
    throw new ConfigException(
        "metric: expected a metric or its name. Received: " + Config.text(identifier));
  }
}
