package io.weft.config;

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
}
