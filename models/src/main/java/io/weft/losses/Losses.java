package io.weft.losses;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.tensor.Tensor;

/** Makes losses by name. */
public final class Losses {
  private Losses() {}

  /**
   * The loss of a class or function name such as {@code mse}, with options from keys and values.
   */
  public static Loss of(String name, Object... options) {
    Entry<?> e = Registry.standard().find(Loss.class, name);
    if (e == null) {
      throw new ConfigException(
          "loss: expected the name of a loss such as 'mse' or 'sparse_categorical_crossentropy'."
              + " Received: '"
              + name
              + "'");
    }
    Configurable loss = e.create(Config.of(options));
    ((Loss) loss).afterRestore(null);
    return (Loss) loss;
  }

  /**
   * What {@code compile} means by a loss: an object, a name, an envelope; {@code crossentropy}
   * chooses by the shapes of a target and a prediction.
   */
  public static Loss resolve(Object identifier, Tensor yTrue, Tensor yPred) {
    if (identifier == null) {
      return null;
    }
    if (identifier instanceof Loss l) {
      return l;
    }
    if (identifier instanceof String s) {
      if (s.equalsIgnoreCase("crossentropy") || s.equalsIgnoreCase("ce")) {
        return of(kind(yTrue, yPred) + "_crossentropy");
      }
      return of(s, "name", s);
    }
    if (Registry.isEnvelope(identifier)) {
      Object o = Registry.standard().restore(identifier, "loss");
      return o instanceof Config ? null : resolve(o, yTrue, yPred);
    }
    throw new ConfigException("loss: expected a loss or its name. Received: " + identifier);
  }

  /** binary, sparse_categorical or categorical, by Keras' rule on shapes. */
  public static String kind(Tensor yTrue, Tensor yPred) {
    int last = yPred.dim(-1);
    if (last == 1) {
      return "binary";
    }
    boolean sparse =
        yTrue.rank() < yPred.rank() || (yTrue.rank() > 0 && yTrue.dim(-1) == 1 && last > 1);
    return sparse ? "sparse_categorical" : "categorical";
  }
}
