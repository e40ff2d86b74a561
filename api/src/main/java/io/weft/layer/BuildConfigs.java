package io.weft.layer;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The shapes that a layer was built for, as files keep them. */
public final class BuildConfigs {
  private BuildConfigs() {}

  /** {@code input_shape}, or {@code shapes_dict} for a layer of several tensor arguments. */
  static Config of(LayerType<?> type, List<Shape> built) {
    if (type.tensorArgs() > 1) {
      Config shapes = Config.EMPTY;
      for (int i = 0; i < built.size(); i++) {
        shapes = shapes.with(type.callArgs().get(i) + "_shape", sizes(built.get(i)));
      }
      return Config.of("shapes_dict", shapes);
    }
    List<Object> all = new ArrayList<>();
    built.forEach(s -> all.add(sizes(s)));
    return Config.of("input_shape", type.isList() ? all : all.isEmpty() ? null : all.get(0));
  }

  /** Sizes as files have them, null for unknown. */
  public static List<Object> sizes(Shape s) {
    List<Object> l = new ArrayList<>();
    for (int d : s.dims()) {
      l.add(d < 0 ? null : (Object) (long) d);
    }
    return l;
  }

  /** The shapes in a build config; none for other content. */
  static List<Shape> shapes(String who, LayerType<?> type, Config config) {
    List<Shape> shapes = new ArrayList<>();
    if (config.get("shapes_dict") instanceof Config d) {
      for (String arg : type.callArgs().subList(0, type.tensorArgs())) {
        collect(who, d.get(arg + "_shape"), shapes);
      }
    } else {
      collect(who, config.get("input_shape"), shapes);
    }
    return shapes;
  }

  private static void collect(String who, Object v, List<Shape> out) {
    if (v instanceof List<?> l && !l.isEmpty() && l.get(0) instanceof List<?>) {
      l.forEach(e -> collect(who, e, out));
    } else if (v instanceof List<?> l) {
      out.add(shape(who, l));
    } else if (v instanceof Config c) {
      new TreeMap<>(c.asMap()).values().forEach(e -> collect(who, e, out));
    }
  }

  private static Shape shape(String who, List<?> l) {
    List<Integer> d = new ArrayList<>();
    for (Object o : l) {
      if (o != null && !(o instanceof Long n && n >= 0 && n <= Integer.MAX_VALUE)) {
        throw new ConfigException(
            who + ": build_config: expected sizes from 0 to 2147483647. Received: " + l);
      }
      d.add(o == null ? null : ((Long) o).intValue());
    }
    return Shape.of(d);
  }
}
