package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ModelFormatException;
import io.weft.format.Saveable;
import io.weft.layer.Layer;
import io.weft.serialization.hdf5.GroupBuilder;
import io.weft.serialization.hdf5.Hdf5Writer;
import io.weft.serialization.json.JsonCodec;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes whole models to {@code .h5} as Keras 3 does (keras-formats.md 5.1 to 5.5). */
public final class LegacyWriter {
  private static final String BACKEND = "tensorflow";

  private LegacyWriter() {}

  /** Writes a model with its envelope; the file is replaced whole or not at all. */
  public static void write(Path file, Config envelope, Saveable model, String version) {
    GroupBuilder root = new GroupBuilder();
    root.text("keras_version", version).text("backend", BACKEND);
    root.bytesText("model_config", JsonCodec.write(legacyModel(envelope)));
    Object optimizer = model.savedChildren().get("optimizer");
    Config compile = envelope.get("compile_config") instanceof Config c && !c.isEmpty() ? c : null;
    if (compile != null && optimizer instanceof Saveable s) {
      root.bytesText("training_config", JsonCodec.write(trainingConfig(compile)));
      optimizerWeights(root, s);
    }
    weights(file, root.group("model_weights"), model, version);
    Hdf5Writer.write(file, root);
  }

  private static void weights(Path file, GroupBuilder g, Saveable model, String version) {
    if (!(model.savedChildren().get("layers") instanceof List<?> layers)) {
      throw new ModelFormatException(
          file + ": expected a model with a list of layers. Save to .keras instead");
    }
    List<String> names = new ArrayList<>();
    for (Object o : layers) {
      Layer l = (Layer) o;
      names.add(l.name());
      variables(g.group(l.name()), weightsOf(l));
    }
    g.names("layer_names", names).bytesText("backend", BACKEND).bytesText("keras_version", version);
    variables(g.group("top_level_model_weights"), model.savedVariables());
  }

  /** Trainable weights of a layer, then its others: the order of this layout. */
  static List<Variable> weightsOf(Layer l) {
    List<Variable> all = new ArrayList<>(l.trainableWeights());
    all.addAll(l.nonTrainableWeights());
    return all;
  }

  private static void variables(GroupBuilder g, List<Variable> variables) {
    List<String> names = new ArrayList<>();
    for (Variable v : variables) {
      String name = unique(names, v.path());
      names.add(name);
      g.dataset(name, v.dtype(), v.shape(), () -> v.concrete().toHostArray());
    }
    g.names("weight_names", names);
  }

  /** Paths are names of datasets here, and no two of these may be equal. */
  private static String unique(List<String> taken, String path) {
    String name = path;
    for (int i = 1; taken.contains(name); i++) {
      name = path + "_" + i;
    }
    return name;
  }

  private static void optimizerWeights(GroupBuilder root, Saveable optimizer) {
    if (!optimizer.savedVariables().isEmpty()) {
      variables(root.group("optimizer_weights"), optimizer.savedVariables());
    }
  }

  private static Config trainingConfig(Config compile) {
    Config out = Config.EMPTY;
    for (String key : compile.keys()) {
      if (!key.equals("optimizer")) {
        out = out.with(key, plain(compile.get(key)));
      }
    }
    return out.with("optimizer_config", plain(compile.get("optimizer")));
  }

  /** Losses, metrics and optimizers without their modules; what is inside them keeps its form. */
  private static Object plain(Object v) {
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(plain(e)));
      return out;
    }
    if (!(v instanceof Config c)) {
      return v;
    }
    if (Registry.isEnvelope(c)) {
      return c.string("class_name").equals("function")
          ? c.get("config")
          : Config.of("class_name", className(c), "config", c.get("config"));
    }
    Map<String, Object> out = new LinkedHashMap<>();
    c.asMap().forEach((k, e) -> out.put(k, plain(e)));
    return Config.copyOf(out);
  }

  private static Object className(Config c) {
    return c.get("registered_name") instanceof String r && r.contains(">")
        ? r
        : c.get("class_name");
  }

  /** A model and the layers in it as class name and config; what layers name keeps its form. */
  private static Config legacyModel(Config envelope) {
    Config config = (Config) envelope.get("config");
    if (config.get("layers") instanceof List<?> layers) {
      List<Object> out = new ArrayList<>();
      for (Object o : layers) {
        Config entry = (Config) o;
        Config made = legacyModel(entry);
        for (String key : List.of("name", "inbound_nodes")) {
          if (entry.has(key)) {
            made = made.with(key, entry.get(key));
          }
        }
        out.add(made);
      }
      config = config.with("layers", out);
    }
    return Config.of("class_name", className(envelope), "config", config);
  }
}
