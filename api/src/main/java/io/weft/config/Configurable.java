package io.weft.config;

/** An object that is described by a config and can be made again from it. */
public interface Configurable {
  /** The constructor arguments, defaults filled in. */
  Config getConfig();

  /**
   * What stands for this object inside another config: an envelope with module, class name and
   * config, or a plain string where Keras writes one (activations).
   */
  Object serialized();

  /**
   * An object with the same arguments for use in another place: a layer without weights, a random
   * initializer with a seed of its own unless one was given. Immutable objects return themselves.
   */
  default Configurable copy() {
    return this;
  }
}
