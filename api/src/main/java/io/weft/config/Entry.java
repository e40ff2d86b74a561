package io.weft.config;

import java.util.List;
import java.util.function.Function;

/**
 * One row of a {@link Registry}: how files name a class or function, and how to make it from its
 * config. Immutable.
 *
 * @param <T> what is made
 */
public class Entry<T extends Configurable> {
  private final Class<? super T> kind;
  private final String module;
  private final String className;
  private final String registeredName;
  private final Function<Config, T> factory;
  private final List<String> aliases;

  /**
   * A row.
   *
   * @param kind the interface or base class that it is looked up as, such as {@code Initializer}
   * @param module Keras' module, such as {@code keras.layers}
   * @param className the class name in files
   * @param registeredName {@code package>name} for custom classes, null for Keras' own
   * @param factory makes the object from its config
   * @param aliases further names that are accepted when reading
   */
  public Entry(
      Class<? super T> kind,
      String module,
      String className,
      String registeredName,
      Function<Config, T> factory,
      String... aliases) {
    this.kind = kind;
    this.module = module;
    this.className = className;
    this.registeredName = registeredName;
    this.factory = factory;
    this.aliases = List.of(aliases);
  }

  public final Class<? super T> kind() {
    return kind;
  }

  public final String module() {
    return module;
  }

  public final String className() {
    return className;
  }

  public final String registeredName() {
    return registeredName;
  }

  public final List<String> aliases() {
    return aliases;
  }

  /** A new object; a config that does not fit raises a {@link io.weft.error.ConfigException}. */
  public final T create(Config config) {
    return factory.apply(config);
  }

  /** The envelope of an object of this row: module, class_name, config, registered_name. */
  public final Config envelope(Config config) {
    return Config.of(
        "module",
        module,
        "class_name",
        className,
        "config",
        config,
        "registered_name",
        registeredName);
  }
}
