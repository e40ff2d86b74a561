package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Parameters;
import io.weft.layer.Layer;

/**
 * The constructor of a class that has none of its own: fusionlab then takes the parameters of
 * Keras' {@code Layer} for those of the class.
 */
enum InheritedConstructor {
  /** {@code Layer(trainable=True, name=None, dtype=None, dynamic=False)}. */
  KERAS_2 {
    /** A layer that says so of itself runs eagerly only; here that would change nothing. */
    @Override
    void read(Args args) {
      fixed(args, "dynamic", false);
    }

    @Override
    Parameters of(Layer l) {
      return none(l)
          .withLast("trainable", true, l.trainable())
          .withLast("name", null, l.name())
          .withLast("dtype", null, l.policy().name())
          .withLast("dynamic", false, false);
    }
  },
  /** {@code Layer(activity_regularizer=None, trainable=True, dtype=None, autocast=True, …)}. */
  KERAS_3 {
    @Override
    void read(Args args) {
      fixed(args, "autocast", true);
    }

    @Override
    Parameters of(Layer l) {
      return none(l)
          .withLast("activity_regularizer", null, l.getConfig().get("activity_regularizer"))
          .withLast("trainable", true, l.trainable())
          .withLast("dtype", null, l.policy().name())
          .withLast("autocast", true, true)
          .withLast("name", null, l.name());
    }
  };

  /** Reads the parameters that layers here do not have; they are not written to configs. */
  abstract void read(Args args);

  /** The parameters of a layer. */
  abstract Parameters of(Layer l);

  private static Parameters none(Layer l) {
    return Parameters.inherited(l.type().className(), "Layer");
  }

  private static void fixed(Args args, String key, boolean only) {
    if (args.bool(key, only) != only) {
      throw args.refuse(key, only + ", the only way that this layer runs");
    }
    args.forget(key);
  }
}
