package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What fine-tuning adds to a trained attention: weights of its own under {@code processor.}, and
 * what they change. The attention's own weights keep their names.
 */
abstract class AttentionAdapter {
  /** Changes nothing. */
  static final AttentionAdapter NONE = new AttentionAdapter() {};

  private final Map<String, Layer> layers = new LinkedHashMap<>();

  /** Reads which adapter an attention has, at most one. */
  static AttentionAdapter of(Args args, Parts parts) {
    Integer rank = args.integerOrNull("lora_rank", null);
    double scale = args.number("lora_scale", 1.0);
    String custom = args.stringOrNull("custom_diffusion", null);
    int[] tokens = args.intListOrNull("ip_adapter_tokens", null);
    double[][] scales = scales(args, tokens == null ? 0 : tokens.length);
    if ((rank == null ? 0 : 1) + (custom == null ? 0 : 1) + (tokens == null ? 0 : 1) > 1) {
      throw args.refuse("lora_rank", "one of lora_rank, custom_diffusion and ip_adapter_tokens");
    }
    if (rank != null) {
      if (rank <= 0) {
        throw args.refuse("lora_rank", "null or a positive number");
      }
      return new AttentionLora(parts, rank, scale);
    }
    if (custom != null) {
      if (!List.of("kv", "q_out", "kv_q_out").contains(custom)) {
        throw args.refuse("custom_diffusion", "null, 'kv', 'q_out' or 'kv_q_out'");
      }
      return new CustomDiffusion(parts, custom.startsWith("kv"), custom.endsWith("q_out"));
    }
    if (tokens != null) {
      if (tokens.length == 0 || Arrays.stream(tokens).anyMatch(n -> n <= 0)) {
        throw args.refuse("ip_adapter_tokens", "null or positive numbers");
      }
      return new IpAdapter(parts, tokens, scales);
    }
    return NONE;
  }

  private static final Set<String> KEYS =
      Set.of(
          "lora_rank", "lora_scale", "custom_diffusion", "ip_adapter_tokens", "ip_adapter_scale");

  /**
   * Reads {@code attention_adapter}, a map of the arguments above, which blocks hand on to their
   * attentions; empty if there is none.
   */
  static Config handedOn(Args args) {
    Object given = args.any("attention_adapter", null);
    if (given == null) {
      args.forget("attention_adapter");
      return Config.EMPTY;
    }
    if (!(given instanceof Config c) || !KEYS.containsAll(c.keys())) {
      throw args.refuse("attention_adapter", "a map with keys among " + new TreeSet<>(KEYS));
    }
    return c;
  }

  /** What of it is for self-attention, which reads neither new words nor images. */
  static Config ofSelfAttention(Config adapter) {
    return adapter.without("custom_diffusion", "ip_adapter_tokens", "ip_adapter_scale");
  }

  /** One factor for each adapter, or one for each image of an adapter. */
  private static double[][] scales(Args args, int count) {
    Object given = args.any("ip_adapter_scale", 1.0);
    List<?> all = given instanceof List<?> l ? l : Collections.nCopies(count, given);
    double[][] scales = new double[count][];
    for (int i = 0; i < count && all.size() == count; i++) {
      List<?> images = all.get(i) instanceof List<?> l ? l : Collections.singletonList(all.get(i));
      if (!images.isEmpty() && images.stream().allMatch(x -> x instanceof Number)) {
        scales[i] = images.stream().mapToDouble(x -> ((Number) x).doubleValue()).toArray();
      }
    }
    if (all.size() != count || Arrays.asList(scales).contains(null)) {
      throw args.refuse(
          "ip_adapter_scale",
          "a number, or for each of the " + count + " adapters a number or one for each image");
    }
    return scales;
  }

  /** Whether keys and values are not those of the attention alone. */
  boolean replacesKeys() {
    return false;
  }

  /** The layers to track, by attribute. */
  final Map<String, Layer> layers() {
    return layers;
  }

  final void add(String attribute, Layer layer) {
    layers.put("processor." + attribute, layer);
  }

  /** An added layer, null if there is none of this name. */
  final Layer layer(String attribute) {
    return layers.get("processor." + attribute);
  }

  /** Adds what a projection of the attention needs. */
  void adapt(String projection, int in, int out, boolean bias) {}

  /** A projection of the attention. */
  Tensor project(String projection, Dense usual, Tensor x) {
    return usual.apply(x);
  }

  /** Keys or values of a context on their way. */
  Tensor ofContext(Tensor keysOrValues) {
    return keysOrValues;
  }

  /** How many tokens at the end of a context are the adapter's and not the attention's. */
  int tokens() {
    return 0;
  }

  /**
   * What is added to the result of all heads; null for nothing.
   *
   * @param masks what the call says of where images count; null for everywhere
   */
  Tensor beside(Query query, Tensor tokens, Object masks) {
    return null;
  }

  /** The attention's own queries, asked with other keys and values. */
  @FunctionalInterface
  interface Query {
    /** The values (batch, S, width) as the queries see the keys alike, all heads merged. */
    Tensor attend(Tensor keys, Tensor values);
  }

  /** Some tokens of {@code (batch, tokens, width)}. */
  static Tensor tokens(Tensor x, int from, int count) {
    return Ops.slice(x, new int[] {0, from, 0}, new int[] {x.dim(0), count, x.dim(2)});
  }
}
