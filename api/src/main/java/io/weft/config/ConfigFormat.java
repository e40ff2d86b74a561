package io.weft.config;

import io.weft.error.UnsupportedFeatureException;
import java.nio.file.Path;
import java.util.ServiceLoader;

/** The service that writes configs to files as text and reads them back. */
public interface ConfigFormat {
  /**
   * Reads a config.
   *
   * @throws io.weft.error.ModelFormatException for a file that holds something else
   */
  Config read(Path file);

  /** Writes a config; the file is replaced whole or not at all. */
  void write(Path file, Config config);

  /**
   * The format on the path.
   *
   * @throws UnsupportedFeatureException if there is none
   */
  static ConfigFormat installed() {
    return ServiceLoader.load(ConfigFormat.class, ConfigFormat.class.getClassLoader())
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedFeatureException(
                    "Parameter files: no format is installed. Add weft-serialization to the class"
                        + " path."));
  }
}
