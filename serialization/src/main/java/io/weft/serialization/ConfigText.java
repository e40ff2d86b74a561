package io.weft.serialization;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.error.ModelFormatException;
import io.weft.format.Saveable;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** The configs that files hold. */
final class ConfigText {
  /** The Keras whose files are written. */
  static final String KERAS_VERSION = "3.15.1";

  private ConfigText() {}

  /** The envelope of a model that is to be saved whole. */
  static Config envelope(String file, Saveable model) {
    if (model instanceof Configurable c && c.serialized() instanceof Config envelope) {
      return envelope.pure();
    }
    throw new ModelFormatException(
        file
            + ": expected a model with a config. Received: "
            + model.getClass().getSimpleName()
            + ". Save its weights only, to a file that ends with .weights.h5");
  }

  /** {@code metadata.json}, with the local time as Keras writes it. */
  static Config metadata(LocalDateTime now) {
    return Config.of(
        "keras_version",
        KERAS_VERSION,
        "date_saved",
        now.format(DateTimeFormatter.ofPattern("yyyy-MM-dd@HH:mm:ss")));
  }

  /**
   * The first number of a version such as 2.4.0-tf; 1 where a file does not say, as Keras reads it.
   */
  static int major(String version) {
    if (version != null) {
      String[] parts = version.split("\\.");
      if (parts[0].matches("[0-9]{1,4}")) {
        return Integer.parseInt(parts[0]);
      }
    }
    return 1;
  }
}
