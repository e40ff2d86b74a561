package io.weft.serialization.state;

import io.weft.config.Config;
import io.weft.config.Names;
import io.weft.config.Registry;
import io.weft.layer.ImpliedSize;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.serialization.state.WeightStore.Vars;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Completes configs that lack an argument which the weights of their file tell, see {@link
 * ImpliedSize}.
 */
public final class ImpliedSizes {
  /** The shapes of weights in a file. */
  @FunctionalInterface
  public interface Shapes {
    /**
     * The shape of the weight that tells a size, or null if the file has none.
     *
     * @param size what is asked for
     * @param path where Keras 3 has the part
     * @param layers the names of the layers on the way, the outermost first
     */
    Shape of(ImpliedSize size, String path, List<String> layers);
  }

  private final Shapes shapes;

  private ImpliedSizes(Shapes shapes) {
    this.shapes = shapes;
  }

  /**
   * The envelope of a model or layer with the numbers that are missing, as far as the weights tell.
   *
   * @param weights opened only where a number is missing
   */
  public static Config complete(Config envelope, Supplier<WeightStore> weights) {
    WeightStore[] opened = new WeightStore[1];
    return complete(
        envelope,
        (size, path, layers) -> {
          opened[0] = opened[0] == null ? weights.get() : opened[0];
          Vars vars = opened[0].find(path);
          Hdf5Dataset weight = vars == null ? null : vars.dataset("0");
          return weight == null ? null : weight.shape();
        });
  }

  /** The envelope with the numbers that are missing, as far as these shapes tell. */
  public static Config complete(Config envelope, Shapes shapes) {
    return new ImpliedSizes(shapes).object("", List.of(), envelope);
  }

  private Config object(String path, List<String> outer, Config envelope) {
    if (!(envelope.get("config") instanceof Config config)) {
      return envelope;
    }
    ImpliedSize size = implied(envelope);
    if (size != null && !config.has(size.key())) {
      Shape weight = shapes.of(size, StateWalk.join(path, size.part()), outer);
      return weight == null || weight.rank() <= size.axis()
          ? envelope
          : envelope.with("config", config.with(size.key(), weight.dim(size.axis())));
    }
    if (!(config.get("layers") instanceof List<?> layers)) {
      return envelope;
    }
    List<Object> completed = new ArrayList<>();
    Map<String, Integer> used = new HashMap<>();
    boolean changed = false;
    for (Object o : layers) {
      Object c = o;
      if (o instanceof Config layer && layer.get("class_name") instanceof String name) {
        String group = StateWalk.numbered(used, Names.snake(name));
        c = object(StateWalk.join(path, "layers/" + group), with(outer, layer), layer);
      }
      changed |= c != o;
      completed.add(c);
    }
    return changed ? envelope.with("config", config.with("layers", completed)) : envelope;
  }

  /** Only classes registered under a package are asked: Keras' own configs are complete. */
  private static ImpliedSize implied(Config envelope) {
    Object name =
        envelope.has("registered_name")
            ? envelope.get("registered_name")
            : envelope.get("class_name");
    return name instanceof String s
            && s.indexOf('>') > 0
            && Registry.standard().find(Layer.class, s) instanceof LayerType<?> type
        ? type.implied()
        : null;
  }

  private static List<String> with(List<String> outer, Config layer) {
    List<String> all = new ArrayList<>(outer);
    all.add(
        layer.get("config") instanceof Config c && c.get("name") instanceof String n
            ? n
            : String.valueOf(layer.get("name")));
    return all;
  }
}
