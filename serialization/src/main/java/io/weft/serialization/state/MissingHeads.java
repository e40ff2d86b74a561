package io.weft.serialization.state;

import io.weft.config.Config;
import io.weft.config.Names;
import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.serialization.state.WeightStore.Vars;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * fusionlab's three attentions do not write {@code num_heads} to their configs, so that their own
 * library cannot read its files. The number is the middle size of the query's kernel {@code (width,
 * heads, head width)}, which the weights of the file hold.
 */
public final class MissingHeads {
  private static final String KEY = "num_heads";

  /** Where the query of each class lies. */
  private static final Map<String, String> QUERIES =
      Map.of(
          "fusionlab.nn.components>CrossAttention", "cross_attention/query_dense",
          "fusionlab.nn.components>HierarchicalAttention", "short_term_attention/query_dense",
          "fusionlab.nn.components>MemoryAugmentedAttention", "attention/query_dense");

  /** The shape of a query's kernel in a file. */
  @FunctionalInterface
  public interface Kernels {
    /**
     * The shape, or null if the file has no such kernel.
     *
     * @param path where Keras 3 has the query
     * @param layers the names of the layers on the way, the outermost first
     */
    Shape query(String path, List<String> layers);
  }

  private final Kernels kernels;

  private MissingHeads(Kernels kernels) {
    this.kernels = kernels;
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
        (path, layers) -> {
          opened[0] = opened[0] == null ? weights.get() : opened[0];
          Vars vars = opened[0].find(path);
          Hdf5Dataset kernel = vars == null ? null : vars.dataset("0");
          return kernel == null ? null : kernel.shape();
        });
  }

  /** The envelope with the numbers that are missing, as far as these kernels tell. */
  public static Config complete(Config envelope, Kernels kernels) {
    return new MissingHeads(kernels).object("", List.of(), envelope);
  }

  private Config object(String path, List<String> outer, Config envelope) {
    if (!(envelope.get("config") instanceof Config config)) {
      return envelope;
    }
    Object type =
        envelope.has("registered_name")
            ? envelope.get("registered_name")
            : envelope.get("class_name");
    String query = QUERIES.get(String.valueOf(type));
    if (query != null && !config.has(KEY)) {
      Shape kernel = kernels.query(StateWalk.join(path, query), outer);
      return kernel == null || kernel.rank() != 3
          ? envelope
          : envelope.with("config", config.with(KEY, kernel.dim(1)));
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

  private static List<String> with(List<String> outer, Config layer) {
    List<String> all = new ArrayList<>(outer);
    all.add(
        layer.get("config") instanceof Config c && c.get("name") instanceof String n
            ? n
            : String.valueOf(layer.get("name")));
    return all;
  }
}
