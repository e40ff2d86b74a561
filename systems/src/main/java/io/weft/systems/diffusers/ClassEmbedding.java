package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What a {@link UNet2DConditionModel} adds to the time for a class of images. */
final class ClassEmbedding {
  private final String type;
  private final boolean concat;
  private final Timesteps time;
  private final Layer layer;

  ClassEmbedding(
      Args args, DTypePolicy policy, Parts parts, Timesteps time, int stepWidth, int timeWidth) {
    this.time = time;
    type = args.stringOrNull("class_embed_type", null);
    Integer classes = args.integerOrNull("num_class_embeds", null);
    Integer projected = args.integerOrNull("projection_class_embeddings_input_dim", null);
    concat = args.bool("class_embeddings_concat", false);
    String activation = args.string("act_fn", "silu");
    if (type == null) {
      layer = classes == null ? null : parts.embedding(classes, timeWidth);
      return;
    }
    boolean projects = type.equals("projection") || type.equals("simple_projection");
    if (projects && projected == null) {
      throw args.refuse("projection_class_embeddings_input_dim", "set for such a projection");
    }
    switch (type) {
      case "timestep":
        layer = embedding(parts, stepWidth, timeWidth, activation, policy);
        break;
      case "projection":
        layer = embedding(parts, projected, timeWidth, "silu", policy);
        break;
      case "simple_projection":
        layer = parts.linearOfRows(projected, timeWidth);
        break;
      case "identity":
        layer = null;
        break;
      default:
        throw args.refuse(
            "class_embed_type", "null, timestep, identity, projection or simple_projection");
    }
  }

  private static Layer embedding(
      Parts parts, int in, int out, String activation, DTypePolicy policy) {
    Config c =
        Config.of("in_channels", in, "time_embed_dim", out, "act_fn", activation, "dtype", policy);
    return parts.add(Layer.fromConfig(TimestepEmbedding.TYPE, c), -1, in);
  }

  Map<String, Layer> layers() {
    return layer == null ? Map.of() : Map.of("class_embedding", layer);
  }

  boolean isConcatenated() {
    return concat;
  }

  /** The time with what the labels give; the time alone for a model without classes. */
  Tensor with(String who, Tensor timeEmbedding, Tensor labels) {
    if (layer == null && type == null) {
      return timeEmbedding;
    }
    if (labels == null) {
      throw new ShapeException(who + ": expected class_labels. Received: nothing");
    }
    Tensor in = "timestep".equals(type) ? time.apply(labels) : labels;
    Tensor c = Ops.cast(layer == null ? in : layer.apply(in), timeEmbedding.dtype());
    return concat ? Ops.concatenate(List.of(timeEmbedding, c), 1) : timeEmbedding.plus(c);
  }
}
