package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Embedding;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks up each categorical feature in a table of its own and concatenates what comes out; as
 * fusionlab's layer of this name.
 *
 * <p>{@code categorical_embedding_info} maps the index of each feature to {@code [vocabulary size,
 * width]}. The last axis of the input holds the features in ascending order of these indices.
 *
 * <p>Input: integers {@code (batch, n)} or {@code (batch, T, n)} for n features. Output: {@code
 * (batch[, T], sum of the widths)}. Weights: {@code embeddings (vocabulary size, width)} of each
 * feature in that order.
 */
public final class CategoricalEmbeddingProcessor extends UnaryLayer {
  public static final LayerType<CategoricalEmbeddingProcessor> TYPE =
      LayerType.custom(
          FusionlabTypes.COMPONENTS,
          "CategoricalEmbeddingProcessor",
          CategoricalEmbeddingProcessor::new);

  private static final String INFO = "categorical_embedding_info";

  private final List<Embedding> tables;

  /** A table of {@code {vocabulary size, width}} for each index. */
  public CategoricalEmbeddingProcessor(Map<Integer, int[]> info) {
    this(Config.of(INFO, named(info)));
  }

  /** Restores a layer from its config. */
  public CategoricalEmbeddingProcessor(Config config) {
    super(TYPE, config);
    if (!config.has(INFO)) {
      throw args.refuse(INFO, "a map from index to [vocabulary size, width]");
    }
    Map<Integer, Embedding> sorted = new TreeMap<>();
    if (args.any(INFO, null) instanceof Config info && !info.isEmpty()) {
      info.asMap().forEach((k, v) -> sorted.put(index(k), table(k, v)));
    } else {
      throw args.refuse(INFO, "a map from index to [vocabulary size, width]");
    }
    tables = List.copyOf(sorted.values());
    trackAll("embedding_layers", tables);
  }

  private static Map<String, Object> named(Map<Integer, int[]> info) {
    Map<String, Object> m = new LinkedHashMap<>();
    new TreeMap<>(info).forEach((k, v) -> m.put(String.valueOf(k), v));
    return m;
  }

  /** JSON turns the integers into strings. */
  private int index(String key) {
    if (key.matches("\\d{1,9}")) {
      return Integer.parseInt(key);
    }
    throw args.refuse(INFO, "a map whose keys are indices of features");
  }

  private Embedding table(String key, Object v) {
    if (v instanceof List<?> l
        && l.size() == 2
        && l.get(0) instanceof Long vocabulary
        && l.get(1) instanceof Long width
        && vocabulary > 0
        && vocabulary <= Integer.MAX_VALUE
        && width > 0
        && width <= Integer.MAX_VALUE) {
      return Layer.fromConfig(
          Embedding.TYPE,
          Config.of(
              "name",
              "cat_embed_idx_" + key,
              "input_dim",
              vocabulary,
              "output_dim",
              width,
              "dtype",
              policy()));
    }
    throw args.refuse(INFO, "a map from index to two positive integers");
  }

  @Override
  protected void build(BuildContext b) {
    check(b.input());
    tables.forEach(t -> b.build(t, b.input().slice(0, b.input().rank() - 1)));
  }

  private void check(Shape in) {
    if ((in.rank() != 2 && in.rank() != 3) || in.dim(-1) != tables.size()) {
      throw new ShapeException(
          label()
              + ": expected integers (batch, "
              + tables.size()
              + ") or (batch, T, "
              + tables.size()
              + "), one for each table. Received: shape "
              + in);
    }
  }

  @Override
  public Tensor call(Tensor ids, CallContext ctx) {
    check(ids.shape());
    List<Tensor> found = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      found.add(tables.get(i).apply(ids.get(Index.ellipsis(), Index.at(i))));
    }
    return Ops.concatenate(found, -1);
  }
}
