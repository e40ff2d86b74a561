package io.weft.config;

import io.weft.error.ConfigException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * An object with parameters that can be read and replaced by name, as scikit-learn's estimators.
 *
 * <p>Objects here do not change: {@link #setParams} gives another object. So a config, a model
 * graph or a second user of the object can never disagree with what it computes.
 */
public interface Learner {
  /** What the constructor declared, with the present values. */
  Parameters parameters();

  /**
   * An object with some parameters replaced, {@code name} or {@code name__inner}; this one if there
   * are no changes.
   *
   * @throws io.weft.error.ConfigException for a name that is none, with the names that are, and for
   *     a value that does not fit
   */
  Learner setParams(Map<String, ?> changes);

  /** Names and values, sorted; {@code deep} adds those of inner objects as {@code name__inner}. */
  default Map<String, Object> getParams(boolean deep) {
    return parameters().values(deep);
  }

  /** The signature of the constructor, such as {@code CrossAttention(units, num_heads)}. */
  default String myParams() {
    return parameters().signature();
  }

  /** The class and its parameters, one a line. */
  default String summary() {
    return parameters().summary();
  }

  /** What the constructor takes, and the present values. */
  default String help() {
    return parameters().help();
  }

  /**
   * Writes {@link #getParams getParams(true)} as a JSON object; an inner object stands as its
   * envelope, so that {@link #loadParams} can make it again.
   *
   * @param overwrite whether a file that exists is replaced
   * @throws ConfigException without a file name
   * @throws UncheckedIOException if the file exists and is not to be replaced, or cannot be written
   */
  default void saveParams(Path file, boolean overwrite) {
    if (file == null) {
      throw new ConfigException("saveParams: expected a file name. Received: null");
    }
    if (!overwrite && Files.exists(file)) {
      throw new UncheckedIOException(
          new FileAlreadyExistsException(file.toString(), null, "set overwrite to replace it"));
    }
    ConfigFormat.installed().write(file, Config.copyOf(getParams(true)).pure());
  }

  /**
   * An object with the parameters of a file that {@link #saveParams} wrote; classes in it are those
   * of {@link Registry#standard()}.
   *
   * @throws io.weft.error.ModelFormatException for a file that is no JSON object
   * @throws ConfigException for parameters that this object does not have, or values that do not
   *     fit
   */
  default Learner loadParams(Path file) {
    Config read = ConfigFormat.installed().read(file);
    return setParams(((Config) Registry.standard().restore(read, file.toString())).asMap());
  }
}
