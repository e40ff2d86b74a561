package io.weft.models;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.util.List;

/**
 * The base of models that are written as a class: layers are made in the constructor with {@code
 * track} and used in {@code call}.
 */
public abstract class SubclassedModel extends Model {
  protected SubclassedModel(LayerType<?> type, Config config) {
    super(type, config);
  }

  @Override
  public final List<Layer> layers() {
    return sublayers();
  }
}
