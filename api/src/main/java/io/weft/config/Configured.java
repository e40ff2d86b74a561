package io.weft.config;

/**
 * A small object that a config names: initializer, regularizer, constraint. Its constructor reads
 * the arguments through {@link #args}; what was read is its config.
 */
public abstract class Configured implements Configurable, Restorable {
  /** The reader of this object's config. */
  protected final Args args;

  private final Entry<?> type;

  protected Configured(Entry<?> type, Config config) {
    this.type = type;
    this.args = new Args(type.className(), config);
  }

  /** The row of this object's class. */
  public final Entry<?> type() {
    return type;
  }

  @Override
  public final Config getConfig() {
    return args.noted();
  }

  @Override
  public final Object serialized() {
    return type.envelope(getConfig());
  }

  @Override
  public final Configurable copy() {
    return type.create(getConfig());
  }

  @Override
  public final void afterRestore(Config envelope) {
    args.finish();
  }

  @Override
  public String toString() {
    return type.className() + getConfig();
  }
}
