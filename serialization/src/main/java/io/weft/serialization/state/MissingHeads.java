package io.weft.serialization.state;

import io.weft.config.Config;
import io.weft.config.Names;
import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.serialization.state.WeightStore.Vars;
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

  private final Supplier<WeightStore> weights;
  private WeightStore store;

  private MissingHeads(Supplier<WeightStore> weights) {
    this.weights = weights;
  }

  /**
   * The envelope of a model or layer with the numbers that are missing, as far as the weights tell.
   *
   * @param weights opened only where a number is missing
   */
  public static Config complete(Config envelope, Supplier<WeightStore> weights) {
    return new MissingHeads(weights).object("", envelope);
  }

  private Config object(String path, Config envelope) {
    if (!(envelope.get("config") instanceof Config config)) {
      return envelope;
    }
    String query = QUERIES.get(String.valueOf(envelope.get("registered_name")));
    if (query != null && !config.has(KEY)) {
      Integer heads = heads(StateWalk.join(path, query));
      return heads == null ? envelope : envelope.with("config", config.with(KEY, heads));
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
        c = object(StateWalk.join(path, "layers/" + group), layer);
      }
      changed |= c != o;
      completed.add(c);
    }
    return changed ? envelope.with("config", config.with("layers", completed)) : envelope;
  }

  private Integer heads(String path) {
    if (store == null) {
      store = weights.get();
    }
    Vars vars = store.find(path);
    Hdf5Dataset kernel = vars == null ? null : vars.dataset("0");
    return kernel == null || kernel.shape().rank() != 3 ? null : (Integer) kernel.shape().dim(1);
  }
}
