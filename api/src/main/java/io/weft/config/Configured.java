package io.weft.config;

import java.util.Map;
import java.util.Set;

/**
 * A small object that a config names: initializer, regularizer, constraint. Its constructor reads
 * the arguments through {@link #args}; what was read is its config.
 */
public abstract class Configured implements Configurable, Restorable, Learner {
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
  public Parameters parameters() {
    return new Parameters(type.className(), args, Set.of());
  }

  @Override
  public final Learner setParams(Map<String, ?> changes) {
    if (changes.isEmpty()) {
      return this;
    }
    Map<String, Object> replaced = parameters().replaced(changes, args.declared().keySet());
    Object made = type.create(args.given().plus(Config.copyOf(replaced)));
    return (Learner) made;
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
