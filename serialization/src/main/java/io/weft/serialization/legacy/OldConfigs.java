package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings configs of Keras 1 and 2, and the envelopes without modules of Keras 3's HDF5 files, into
 * the form of Keras 3 archives. Configs of Keras 3 archives pass unchanged.
 */
public final class OldConfigs {
  private static final Set<String> GRAPHS = Set.of("Functional", "Model", "Network", "Container");

  private final String where;
  private final int generation;
  private final boolean attentionHearsMasks;
  private final boolean listsOfOne;

  private OldConfigs(String where, int generation, String version) {
    this.where = where;
    this.generation = generation;
    this.attentionHearsMasks = isFrom(version, 2, 10);
    this.listsOfOne = generation < 3 || !isFrom(version, 3, 11);
  }

  /**
   * A model's envelope in the form of Keras 3.
   *
   * @param where the file and member, for messages
   * @param version the Keras that wrote it; null if unknown
   */
  public static Config modern(String where, Config envelope, String version) {
    int generation = version == null ? guess(envelope) : major(version);
    if (generation >= 3 && envelope.get("module") instanceof String) {
      return isFrom(version, 3, 11) ? (Config) HardSigmoid.back(envelope) : singles(envelope);
    }
    if (!(envelope.get("class_name") instanceof String) || !envelope.has("config")) {
      throw new ModelFormatException(
          where + ": expected class_name and config. Received: " + envelope.keys());
    }
    Config model = new OldConfigs(where, generation, version).layer(envelope);
    return envelope.get("compile_config") instanceof Config c && !c.isEmpty()
        ? model.with("compile_config", OldCompile.modern(c))
        : model;
  }

  /**
   * Until 3.10 Keras wrote one input or output as a list of one; later ones mean a list by that.
   */
  private static Config singles(Config c) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (String key : c.keys()) {
      Object v = c.get(key);
      if (v instanceof Config inner) {
        v = singles(inner);
      } else if (key.equals("input_layers") || key.equals("output_layers")) {
        v = single(v);
      } else if (v instanceof List<?> l && key.equals("layers")) {
        List<Object> made = new ArrayList<>();
        l.forEach(e -> made.add(e instanceof Config inner ? singles(inner) : e));
        v = made;
      }
      out.put(key, v);
    }
    return Config.copyOf(out);
  }

  private static Object single(Object ends) {
    return ends instanceof List<?> l && l.size() == 1 && l.get(0) instanceof List<?> one
        ? one
        : ends;
  }

  /** The first number of a version such as 2.4.0-tf; 1 for nonsense. */
  static int major(String version) {
    String first = version.split("\\.")[0];
    return first.matches("[0-9]{1,4}") ? Integer.parseInt(first) : 1;
  }

  /** Whether a version is this one or a later one; an unknown one is. */
  private static boolean isFrom(String version, int major, int minor) {
    String[] p = version == null ? new String[0] : version.split("[.-]");
    if (p.length < 2 || !p[1].matches("[0-9]{1,4}")) {
      return true;
    }
    return major(version) > major || major(version) == major && Integer.parseInt(p[1]) >= minor;
  }

  /** Without a version the words of the config tell. */
  private static int guess(Config envelope) {
    String text = envelope.toString();
    if (text.contains("nb_filter=") || text.contains("inner_init=") || text.contains("W_regul")) {
      return 1;
    }
    boolean old = text.contains("batch_input_shape=") || envelope.get("module") == null;
    return old && !text.contains("keras_history=") ? 2 : 3;
  }

  // ---------------------------------------------------------------- models

  /** Any entry of a list of layers, or a wrapped layer, as an envelope. */
  Config layer(Config entry) {
    String name = entry.string("class_name");
    Object config = entry.get("config");
    if (name.equals("Sequential")) {
      return sequential(entry, config);
    }
    if (config instanceof Config c && c.has("layers") && c.has("output_layers")) {
      return functional(entry, c);
    }
    if (GRAPHS.contains(name)) {
      throw new ModelFormatException(
          where + ": " + name + ": expected layers and output_layers. Received: " + config);
    }
    if (!(config instanceof Config c)) {
      throw new ModelFormatException(
          where + ": " + name + ": expected a config. Received: " + Config.text(config));
    }
    return OldLayers.modern(this, generation, entry, c);
  }

  /** A layer as an envelope; anything else is refused with its place. */
  private Config entry(Object o, String place) {
    if (o instanceof Config c && c.get("class_name") instanceof String && c.has("config")) {
      return c;
    }
    throw new ModelFormatException(
        where + ": " + place + ": expected class_name and config. Received: " + Config.text(o));
  }

  private Config sequential(Config entry, Object config) {
    Config own = config instanceof Config c ? c : Config.EMPTY;
    Object list = config instanceof List<?> l ? l : own.get("layers");
    if (!(list instanceof List<?> layers)) {
      throw new ModelFormatException(
          where + ": Sequential: expected a list of layers. Received: " + Config.text(list));
    }
    List<Object> out = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Config old = entry(layers.get(i), "layers[" + i + "]");
      if (i == 0 && !old.get("class_name").equals("InputLayer")) {
        Config input = OldLayers.inputOf(old);
        if (input != null) {
          out.add(input);
        }
      }
      out.add(layer(old));
    }
    Config result =
        Config.of(
                "name",
                own.get("name") == null ? entry.get("name") : own.get("name"),
                "trainable",
                orTrue(own.get("trainable")))
            .with("layers", out);
    if (own.get("dtype") != null && generation >= 3) {
      result = result.with("dtype", own.get("dtype"));
    }
    if (own.get("build_input_shape") instanceof List<?> shape) {
      result = result.with("build_input_shape", shape);
    }
    return envelope(entry, "keras", "Sequential", null, result);
  }

  private static Object orTrue(Object trainable) {
    return trainable == null ? Boolean.TRUE : trainable;
  }

  private Config functional(Config entry, Config c) {
    List<?> entries = c.list("layers");
    OldNodes nodes = new OldNodes(where, generation, entries);
    List<Object> out = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      Config old = entry(entries.get(i), "layers[" + i + "]");
      Object name = old.get("name") instanceof String s ? s : name(old);
      names.add(String.valueOf(name));
      Object inbound = old.get("inbound_nodes");
      List<?> calls = inbound instanceof List<?> l ? l : List.of();
      if (OldOps.isOp(old)) {
        out.add(OldOps.modern(where, old, nodes, calls));
        continue;
      }
      boolean rnn = OldLayers.isRecurrent(old.string("class_name"));
      List<Object> modern = nodes.modern(calls, rnn);
      if (!attentionHearsMasks && old.get("class_name").equals("MultiHeadAttention")) {
        modern = OldNodes.withoutMasks(modern);
      }
      out.add(layer(old).with("name", name).with("inbound_nodes", modern));
    }
    Config result =
        Config.of(
            "name",
            c.get("name"),
            "trainable",
            orTrue(c.get("trainable")),
            "layers",
            out,
            "input_layers",
            ends(nodes, c.get("input_layers")),
            "output_layers",
            ends(nodes, c.get("output_layers")));
    String cls = entry.string("class_name");
    return GRAPHS.contains(cls)
        ? envelope(entry, "keras.src.models.functional", "Functional", "Functional", result)
        : envelope(entry, null, cls, cls, result);
  }

  private Object ends(OldNodes nodes, Object v) {
    return listsOfOne ? single(nodes.ends(v)) : nodes.ends(v);
  }

  private static Object name(Config entry) {
    return entry.get("config") instanceof Config c ? c.get("name") : null;
  }

  private static Config envelope(
      Config old, String module, String className, String registered, Config config) {
    Config e =
        Config.of(
            "module",
            module,
            "class_name",
            className,
            "config",
            config,
            "registered_name",
            registered);
    Object shared = old.get("shared_object_id");
    return shared == null ? e : e.with("shared_object_id", shared);
  }

  String where() {
    return where;
  }
}
