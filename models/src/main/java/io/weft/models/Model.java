package io.weft.models;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.util.List;

/** A layer made of layers that can be trained, evaluated, asked for predictions and saved. */
public abstract class Model extends Layer {
  protected Model(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** The layers, in Keras' order; ops are not among them. */
  public abstract List<Layer> layers();

  /** The layer of a name. */
  public final Layer getLayer(String name) {
    for (Layer l : layers()) {
      if (l.name().equals(name)) {
        return l;
      }
    }
    throw new ConfigException(
        label()
            + ": expected the name of one of "
            + layers().stream().map(Layer::name).toList()
            + ". Received: '"
            + name
            + "'");
  }
}
