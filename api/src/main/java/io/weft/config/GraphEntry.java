package io.weft.config;

/**
 * A row whose objects restore the inside of their config themselves, because its parts refer to
 * each other (model graphs).
 *
 * @param <T> what is made
 */
public abstract class GraphEntry<T extends Configurable> extends Entry<T> {
  protected GraphEntry(
      Class<? super T> kind,
      String module,
      String className,
      String registeredName,
      String... aliases) {
    super(
        kind,
        module,
        className,
        registeredName,
        c -> {
          throw new IllegalStateException("restored by the registry only");
        },
        aliases);
  }

  /** Makes the object; inner envelopes are still as the file has them. */
  public abstract T create(Config config, Registry registry, String where);
}
