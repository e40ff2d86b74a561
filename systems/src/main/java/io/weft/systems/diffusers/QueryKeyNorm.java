package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** How a {@link DiffusersAttention} normalizes queries and keys: each head, or all together. */
final class QueryKeyNorm {
  private final DiffusersLayer owner;
  private final String kind;
  private final double epsilon;
  private final boolean affine;
  private Layer query;
  private Layer key;

  private QueryKeyNorm(DiffusersLayer owner, String kind, double epsilon, boolean affine) {
    this.owner = owner;
    this.kind = kind;
    this.epsilon = epsilon;
    this.affine = affine;
  }

  static QueryKeyNorm of(DiffusersLayer owner, String kind, double epsilon, boolean affine) {
    return new QueryKeyNorm(owner, kind, epsilon, affine);
  }

  /** The layers that this needs, by attribute. */
  Map<String, Layer> layers(String prefix, int heads, int kvHeads, int width) {
    boolean across = kind != null && kind.endsWith("_across_heads");
    query = layer(across ? heads * width : width, across ? new int[0] : new int[] {heads});
    key = layer(across ? kvHeads * width : width, across ? new int[0] : new int[] {kvHeads});
    Map<String, Layer> all = new LinkedHashMap<>();
    if (query != null) {
      all.put(prefix + "q", query);
      all.put(prefix + "k", key);
    }
    return all;
  }

  private Layer layer(int width, int... heads) {
    if (kind == null || kind.equals("l2")) {
      return null;
    }
    switch (kind) {
      case "layer_norm":
        return owner.parts.layerNorm(width, epsilon, affine, heads);
      case "fp32_layer_norm":
        return owner.parts.layerNorm(width, epsilon, false, heads);
      case "layer_norm_across_heads":
        return owner.parts.layerNorm(width, epsilon, true, heads);
      case "rms_norm":
        return affine ? owner.parts.rmsNorm(width, epsilon, heads) : null;
      case "rms_norm_across_heads":
        return owner.parts.rmsNorm(width, epsilon, heads);
      default:
        throw new ConfigException(
            owner.label()
                + ": qk_norm must be null, layer_norm, fp32_layer_norm, layer_norm_across_heads,"
                + " rms_norm, rms_norm_across_heads or l2. Received: "
                + Config.text(kind));
    }
  }

  Tensor query(Tensor x, UnaryOperator<Tensor> split) {
    return apply(query, x, split);
  }

  Tensor key(Tensor x, UnaryOperator<Tensor> split) {
    return apply(key, x, split);
  }

  private Tensor apply(Layer norm, Tensor x, UnaryOperator<Tensor> split) {
    if (kind == null) {
      return split.apply(x);
    }
    if (kind.endsWith("_across_heads")) {
      return split.apply(norm.apply(x));
    }
    Tensor h = split.apply(x);
    if (norm != null) {
      return norm.apply(h);
    }
    if (kind.equals("rms_norm")) {
      return Resampling.rms(h, epsilon);
    }
    Tensor squares = Ops.sum(Ops.square(h), new int[] {-1}, true);
    return h.divide(Ops.sqrt(Ops.maximum(squares, epsilon * epsilon)));
  }
}
