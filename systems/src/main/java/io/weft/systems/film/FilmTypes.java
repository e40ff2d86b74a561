package io.weft.systems.film;

import io.weft.config.Entry;
import java.util.List;

/** The rows of FiLM's classes. */
public final class FilmTypes {
  /** The package under which the classes are registered. */
  static final String PACKAGE = "film";

  private FilmTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    return List.of(FiLM.TYPE, FiLMResidualBlock.TYPE);
  }
}
