package io.weft.models;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  /**
   * The attributes, and all layers once more under {@code layers}: Keras walks attributes by name
   * and saves each layer where it meets it first, so that those of later names lie there.
   */
  @Override
  public Map<String, Object> savedChildren() {
    Map<String, Object> all = new LinkedHashMap<>(super.savedChildren());
    all.putIfAbsent("layers", layers());
    return all;
  }
}
