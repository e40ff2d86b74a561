package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a forecasting model is put together: which encoder it has, which attentions its decoder has
 * in which order, how features come in. {@link #of} settles fusionlab's {@code architecture_config}
 * as its {@code configure_architecture} does.
 *
 * @param encoder {@code hybrid} (LSTMs of several scales) or {@code transformer}
 * @param attentions of {@code cross}, {@code hierarchical} and {@code memory}
 * @param features {@code vsn} (variable selection) or {@code dense}
 */
public record Architecture(String encoder, List<String> attentions, String features) {
  private static final List<String> ATTENTIONS = List.of("cross", "hierarchical", "memory");

  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("1", "cross"),
          Map.entry("cross", "cross"),
          Map.entry("cross_att", "cross"),
          Map.entry("cross_attention", "cross"),
          Map.entry("2", "hierarchical"),
          Map.entry("hier", "hierarchical"),
          Map.entry("hier_att", "hierarchical"),
          Map.entry("hierarchical", "hierarchical"),
          Map.entry("hierarchical_attention", "hierarchical"),
          Map.entry("3", "memory"),
          Map.entry("memory", "memory"),
          Map.entry("memo_aug", "memory"),
          Map.entry("memo_aug_att", "memory"),
          Map.entry("memory_augmented_attention", "memory"));

  /** Checks the parts. */
  public Architecture {
    attentions = List.copyOf(attentions);
    if (!List.of("hybrid", "transformer").contains(encoder)) {
      throw refuse("encoder_type", "hybrid or transformer", encoder);
    }
    if (!List.of("vsn", "dense").contains(features)) {
      throw refuse("feature_processing", "vsn or dense", features);
    }
    if (!ATTENTIONS.containsAll(attentions)) {
      throw refuse("decoder_attention_stack", "some of " + ATTENTIONS, attentions);
    }
  }

  /**
   * What the arguments of a model say together; the map wins, but not over {@code use_vsn=false}.
   *
   * @param objective the encoder: {@code hybrid} (also null) or {@code transformer}
   * @param useVsn whether variables are selected
   * @param levels see {@link #attentions(Object)}
   * @param map {@code encoder_type} (or its old name {@code objective}), {@code
   *     decoder_attention_stack}, {@code feature_processing}; or null
   */
  public static Architecture of(String objective, boolean useVsn, Object levels, Config map) {
    String encoder = mode(objective, "hybrid", "hybrid", "transformer");
    List<String> stack = attentions(levels);
    String features = useVsn ? "vsn" : "dense";
    for (Map.Entry<String, Object> e : (map == null ? Config.EMPTY : map).asMap().entrySet()) {
      switch (e.getKey()) {
        case "encoder_type", "objective" -> encoder = String.valueOf(e.getValue());
        case "decoder_attention_stack" -> stack = attentions(e.getValue());
        case "feature_processing" -> features = String.valueOf(e.getValue());
        default ->
            throw refuse(
                "architecture_config",
                "keys among [encoder_type, decoder_attention_stack, feature_processing]",
                e.getKey());
      }
    }
    return new Architecture(encoder, stack, useVsn ? features : "dense");
  }

  /**
   * The attentions that a value means; fusionlab's {@code resolve_attn_levels}.
   *
   * @param levels null, {@code use_all} or {@code *} for all; 1, 2 or 3, a name such as {@code
   *     cross_att}, {@code hier}, {@code memo_aug}, or a list of these
   */
  public static List<String> attentions(Object levels) {
    if (levels == null || levels.equals("use_all") || levels.equals("*")) {
      return ATTENTIONS;
    }
    List<String> out = new ArrayList<>();
    for (Object one : levels instanceof List<?> l ? l : List.of(levels)) {
      String name = ALIASES.get(String.valueOf(one));
      if (name == null) {
        throw refuse("attention_levels", "1, 2, 3 or names of attentions", levels);
      }
      out.add(name);
    }
    return out;
  }

  /**
   * The full name of a mode that may be abbreviated or written with other signs between the words;
   * fusionlab's {@code select_mode}: {@code tft}, {@code TFT-like} → {@code tft_like}.
   *
   * @param mode null for the default
   * @param names full names
   */
  public static String mode(String mode, String fallback, String... names) {
    if (mode == null) {
      return fallback;
    }
    String wanted = mode.strip().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    for (String name : names) {
      String start = name.endsWith("_like") ? name.substring(0, name.length() - 5) : name;
      if (wanted.equals(name) || wanted.equals(start)) {
        return name;
      }
    }
    throw refuse("mode", "one of " + List.of(names), mode);
  }

  /** The resolved map, as fusionlab writes it. */
  public Config config() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("encoder_type", encoder);
    m.put("decoder_attention_stack", attentions);
    m.put("feature_processing", features);
    return Config.copyOf(m);
  }

  private static ConfigException refuse(String key, String expected, Object received) {
    return new ConfigException(
        key + " must be " + expected + ". Received: " + key + "=" + Config.text(received));
  }
}
