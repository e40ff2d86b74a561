package io.weft.config;

/** Keras' names. */
public final class Names {
  private Names() {}

  /** A class name in snake case as Keras makes automatic names: {@code Conv2D} → {@code conv2d}. */
  public static String snake(String className) {
    return className
        .replaceAll("\\W", "")
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(java.util.Locale.ROOT);
  }
}
