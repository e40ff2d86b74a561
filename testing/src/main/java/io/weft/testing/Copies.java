package io.weft.testing;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.serialization.json.JsonCodec;
import java.util.List;

/** Copies of a layer by way of its config written to JSON; the layer itself stays as it is. */
final class Copies {
  private final Layer layer;
  private Registry registry;

  Copies(Layer layer) {
    this.layer = layer;
    this.registry = Registry.standard().with(layer.type());
  }

  void know(Entry<?>... entries) {
    registry = registry.with(entries);
  }

  /** A copy, its inner layers too, of another dtype policy; without weights. */
  Layer with(String dtype) {
    Object policy = new DTypePolicy(dtype).serialized();
    return restored((Config) withDType(layer.getConfig().pure(), policy));
  }

  /** Inner layers in a config have dtypes of their own. */
  private static Object withDType(Object value, Object policy) {
    if (value instanceof List<?> list) {
      return list.stream().map(v -> withDType(v, policy)).toList();
    }
    if (value instanceof Config config) {
      Config changed = Config.EMPTY;
      for (String key : config.keys()) {
        Object v = config.get(key);
        changed = changed.with(key, key.equals("dtype") ? policy : withDType(v, policy));
      }
      return changed;
    }
    return value;
  }

  /** A layer of this class from a config. */
  Layer restored(Config config) {
    String json = JsonCodec.write(layer.type().envelope(config).pure());
    return (Layer) registry.restore(JsonCodec.read(layer.label(), json), layer.label());
  }
}
