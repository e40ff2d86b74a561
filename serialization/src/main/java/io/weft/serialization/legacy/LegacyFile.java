package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.layer.Layer;
import io.weft.serialization.hdf5.Hdf5File;
import io.weft.serialization.hdf5.Hdf5Group;
import io.weft.serialization.json.JsonCodec;
import io.weft.serialization.state.Assignments;
import io.weft.serialization.state.ImpliedSizes;
import io.weft.tensor.Shape;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * HDF5 in the layout of Keras 1 and 2, which Keras 3 still writes: a whole model, or its weights
 * only. Layers are matched in order, or by name where all names agree or where that is asked for.
 */
public final class LegacyFile implements SavedModel {
  private final String file;
  private final Hdf5File h5;
  private final Hdf5Group root;
  private final Hdf5Group weights;
  private final String version;
  private final Config config;

  /** The content of an opened file; closing this closes it. */
  public LegacyFile(String file, Hdf5File h5) {
    this.file = file;
    this.h5 = h5;
    this.root = h5.root();
    boolean bare = root.hasAttribute("layer_names") || root.hasAttribute("layer_names0");
    Hdf5Group inner = bare ? root : root.group("model_weights");
    this.weights = inner;
    String v = root.text("keras_version");
    this.version = v == null && inner != null ? inner.text("keras_version") : v;
    this.config = bare ? null : readConfig();
  }

  private Config readConfig() {
    String text = root.text("model_config");
    if (text == null) {
      throw new ModelFormatException(
          file
              + ": expected a whole model with the attribute model_config. Received: attributes "
              + root.attributeNames());
    }
    String where = file + ": model_config";
    // no version means Keras 1, which did not write one at first
    String known = version == null ? "1" : version;
    Config model = OldConfigs.modern(where, JsonCodec.read(where, text), known);
    if (weights != null) {
      model = ImpliedSizes.complete(model, (size, path, layers) -> shape(size.variable(), layers));
    }
    String training = root.text("training_config");
    if (training == null) {
      return model;
    }
    Config old = JsonCodec.read(file + ": training_config", training);
    return model.with("compile_config", OldCompile.modern(old));
  }

  /**
   * The shape of a layer's first weight whose name ends so: weights lie in the group of the
   * outermost layer and have the names of the inner ones in theirs.
   */
  private Shape shape(String variable, List<String> layers) {
    if (layers.isEmpty() || weights.group(layers.get(0)) == null) {
      return null;
    }
    for (StoredArray a : arrays(weights, layers.get(0))) {
      List<String> name = List.of(a.name().split("/"));
      boolean inside = name.containsAll(layers.subList(1, layers.size()));
      String whole =
          "/" + (a.name().endsWith(":0") ? a.name().substring(0, a.name().length() - 2) : a.name());
      if (inside && whole.endsWith("/" + variable)) {
        return a.shape();
      }
    }
    return null;
  }

  private int generation() {
    return version == null ? 1 : OldConfigs.major(version);
  }

  /** Files of Keras 1 do not name their backend; TensorFlow's names of weights end with ":0". */
  private WeightConversion.Origin origin(Map<String, List<StoredArray>> stored) {
    boolean theano;
    if (weights.hasAttribute("backend")) {
      theano = "theano".equals(weights.text("backend"));
    } else {
      theano =
          generation() < 2
              && stored.values().stream()
                  .allMatch(l -> l.stream().noneMatch(a -> a.name().endsWith(":0")));
    }
    return new WeightConversion.Origin(generation(), theano);
  }

  @Override
  public String file() {
    return file;
  }

  @Override
  public Config config() {
    return config;
  }

  @Override
  public String kerasVersion() {
    return version;
  }

  @Override
  public boolean hasWeights() {
    return weights != null;
  }

  @Override
  public void close() {
    h5.close();
  }

  // ---------------------------------------------------------------- weights

  @Override
  public List<String> load(Saveable model, LoadOptions options) {
    if (weights == null) {
      throw new ModelFormatException(file + ": expected a group model_weights. Received: none");
    }
    Map<String, List<StoredArray>> stored = new LinkedHashMap<>();
    for (String name : names(weights, "layer_names")) {
      if (stored.put(name, arrays(weights, name)) != null) {
        throw new ModelFormatException(
            file + ": layer_names: expected unique names. Received: '" + name + "' twice");
      }
    }
    Assignments assignments = new Assignments(file, options.skipMismatch());
    List<Layer> layers = layersOf(model);
    if (options.byName()) {
      byName(layers, stored, origin(stored), assignments);
    } else {
      inOrder(layers, stored, origin(stored), assignments);
    }
    topLevel(model, assignments);
    if (options.optimizer()
        && root.names().contains("optimizer_weights")
        && model.savedChildren().get("optimizer") instanceof Saveable optimizer) {
      Hdf5Group g = root.group("optimizer_weights");
      List<StoredArray> slots = new ArrayList<>();
      for (String name : names(g, "weight_names")) {
        slots.add(array(g, name));
      }
      List<Variable> trained =
          model instanceof Layer l ? l.trainableWeights() : List.<Variable>of();
      LegacyOptimizer.load(optimizer, trained, slots, generation(), assignments);
    }
    assignments.apply();
    (model instanceof Layer l ? List.of(l) : layers).forEach(LegacyFile::afterLoad);
    return assignments.notes();
  }

  private static void afterLoad(Layer layer) {
    layer.afterLoad();
    layer.submodules().forEach(Saveable::afterLoad);
  }

  private List<Layer> layersOf(Saveable model) {
    if (!(model.savedChildren().get("layers") instanceof List<?> list)) {
      throw new ModelFormatException(
          file + ": expected a model with a list of layers. Received: " + model.name());
    }
    List<Layer> layers = new ArrayList<>();
    for (Object o : list) {
      if (o instanceof Layer l) {
        layers.add(l);
      }
    }
    return layers;
  }

  /** A list of names, whole or in parts. */
  private List<String> names(Hdf5Group g, String attribute) {
    List<String> whole = g.texts(attribute);
    if (whole != null) {
      return whole;
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; g.hasAttribute(attribute + i); i++) {
      all.addAll(g.texts(attribute + i));
    }
    if (!g.hasAttribute(attribute + 0)) {
      throw new ModelFormatException(
          g.where() + ": expected an attribute " + attribute + ". Received: " + g.attributeNames());
    }
    return all;
  }

  private List<StoredArray> arrays(Hdf5Group parent, String layer) {
    Hdf5Group g = parent.group(layer);
    if (g == null) {
      throw new ModelFormatException(
          parent.where() + ": expected a group '" + layer + "'. Received: " + parent.names());
    }
    List<StoredArray> out = new ArrayList<>();
    for (String name : names(g, "weight_names")) {
      out.add(array(g, name));
    }
    return out;
  }

  private StoredArray array(Hdf5Group g, String name) {
    var d = g.dataset(name);
    if (d == null) {
      throw new ModelFormatException(
          g.where() + ": expected a dataset '" + name + "'. Received: " + g.names());
    }
    return StoredArray.of(name, d);
  }

  private void inOrder(
      List<Layer> layers,
      Map<String, List<StoredArray>> stored,
      WeightConversion.Origin origin,
      Assignments assignments) {
    Map<String, List<StoredArray>> full = new LinkedHashMap<>(stored);
    full.values().removeIf(List::isEmpty);
    List<Layer> weighted = layers.stream().filter(l -> !l.weights().isEmpty()).toList();
    if (full.size() != weighted.size()) {
      assignments.problem(
          "expected weights of "
              + weighted.size()
              + " layers "
              + weighted.stream().map(Layer::name).toList()
              + ". Received: "
              + full.size()
              + " "
              + full.keySet());
      return;
    }
    // layers of equal depth may change places when a graph is made again, their names do not
    boolean named =
        new LinkedHashSet<>(weighted.stream().map(Layer::name).toList()).equals(full.keySet());
    List<String> order = new ArrayList<>(full.keySet());
    for (int i = 0; i < weighted.size(); i++) {
      Layer l = weighted.get(i);
      String name = named ? l.name() : order.get(i);
      pair(l, name, full.get(name), origin, assignments);
    }
  }

  private void byName(
      List<Layer> layers,
      Map<String, List<StoredArray>> stored,
      WeightConversion.Origin origin,
      Assignments assignments) {
    Map<String, Layer> known = new HashMap<>();
    layers.forEach(l -> known.put(l.name(), l));
    stored.forEach(
        (name, arrays) -> {
          Layer l = known.get(name);
          if (l != null) {
            pair(l, name, arrays, origin, assignments);
          } else if (!arrays.isEmpty()) {
            assignments.note("layer '" + name + "' is not part of the model and was not read");
          }
        });
  }

  private void pair(
      Layer l,
      String name,
      List<StoredArray> arrays,
      WeightConversion.Origin origin,
      Assignments assignments) {
    List<Variable> variables = LegacyWriter.weightsOf(l);
    List<StoredArray> w = WeightConversion.convert(l, arrays, origin);
    assign(l.label() + " from '" + name + "'", variables, w, assignments);
  }

  private void assign(
      String who, List<Variable> variables, List<StoredArray> w, Assignments assignments) {
    if (variables.size() != w.size()) {
      assignments.problem(
          who
              + ": expected "
              + variables.size()
              + " weights "
              + variables.stream().map(Variable::path).toList()
              + ". Received: "
              + w.size()
              + " "
              + w.stream().map(StoredArray::name).toList());
      return;
    }
    List<StoredArray> ordered = WeightNames.order(variables, w);
    for (int i = 0; i < variables.size(); i++) {
      Variable v = variables.get(i);
      StoredArray a = ordered.get(i);
      if (v.shape().equals(a.shape())) {
        assignments.add(v, a.read());
      } else {
        assignments.problem(
            who
                + ": "
                + a.name()
                + ": expected shape "
                + v.shape()
                + " of "
                + v.path()
                + ". Received: "
                + a.shape());
      }
    }
  }

  private void topLevel(Saveable model, Assignments assignments) {
    if (!weights.names().contains("top_level_model_weights")) {
      return;
    }
    List<StoredArray> w = arrays(weights, "top_level_model_weights");
    if (!w.isEmpty()) {
      assign("the model's own weights", model.savedVariables(), w, assignments);
    }
  }
}
