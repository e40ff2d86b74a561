package io.weft.systems.weights;

import io.weft.error.ModelFormatException;
import io.weft.error.ShapeException;
import io.weft.layer.Layer;
import io.weft.serialization.safetensors.Safetensors;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The weights of a built layer or model under the names and in the layouts of PyTorch's {@code
 * state_dict}.
 *
 * <p>Names are found, not listed: the path of a weight is made of the attributes under which layers
 * are tracked ({@link Layer#children()}; an attribute may hold dots, lists give {@code name.0},
 * {@code name.1}), and its last word and its layout follow from the kind of layer that owns it:
 * Dense {@code kernel [in, out]} is {@code weight [out, in]}, a convolution's {@code [kh, kw, in,
 * out]} is {@code [out, in, kh, kw]}, {@code gamma} and {@code beta} of normalizations are {@code
 * weight} and {@code bias}, {@code moving_mean} is {@code running_mean}; weights of other layers
 * keep name and layout. Tables that a layer computes itself ({@link Layer#canDoWithoutState}) are
 * written, and a file may lack them. So a layer written after a PyTorch module reads that module's
 * files once its attributes have the module's names. What differs is said by {@link TorchNamed}
 * (several weights in one tensor) or a {@link Renaming} (other names for whole parts).
 */
public final class StateDict {
  private final Layer layer;
  private final List<TorchEntry> entries = new ArrayList<>();
  private final List<TorchEntry> aliases = new ArrayList<>();
  private final Set<Variable> computed = Collections.newSetFromMap(new IdentityHashMap<>());

  private StateDict(Layer layer) {
    this.layer = layer;
    walk(layer, "", Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /**
   * The state dict of a layer.
   *
   * @throws IllegalStateException if the layer is not built, since it has no weights yet
   */
  public static StateDict of(Layer layer) {
    if (!layer.isBuilt()) {
      throw new IllegalStateException(
          "StateDict: expected a built layer. Received: "
              + layer.label()
              + ", not built. Call it, or layer.build(shapes), first.");
    }
    return new StateDict(layer);
  }

  private void walk(Layer l, String prefix, Set<Variable> named) {
    if (l instanceof TorchNamed t) {
      for (TorchEntry e : t.torchEntries()) {
        entries.add(e.under(prefix));
        named.addAll(e.parts());
      }
      t.torchAliases().forEach(e -> aliases.add(e.under(prefix)));
    }
    if (l.canDoWithoutState()) {
      computed.addAll(l.ownVariables());
    }
    for (Variable v : l.ownVariables()) {
      if (!named.contains(v)) {
        entries.add(TorchNames.entry(l, v).under(prefix));
      }
    }
    l.children()
        .forEach(
            (attribute, child) -> {
              if (child instanceof Layer inner) {
                walk(inner, prefix + attribute + ".", named);
              } else {
                List<?> list = (List<?>) child;
                for (int i = 0; i < list.size(); i++) {
                  walk((Layer) list.get(i), prefix + attribute + "." + i + ".", named);
                }
              }
            });
  }

  /** All tensors: own ones of a layer first, then those of layers inside, in tracking order. */
  public List<TorchEntry> entries() {
    return Collections.unmodifiableList(entries);
  }

  /** Names and shapes; no numbers are made for weights that have none yet. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> all = new LinkedHashMap<>();
    entries.forEach(e -> all.put(e.name(), e.shape()));
    return all;
  }

  /** The present weights. */
  public Map<String, Tensor> export() {
    return export(Variable::concrete);
  }

  /**
   * What {@code values} gives for each variable, such as its gradient, under PyTorch's names and in
   * its layouts; names whose variables have none are left out.
   */
  public Map<String, Tensor> export(Function<Variable, Tensor> values) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (TorchEntry e : entries) {
      Tensor t = e.join(values);
      if (t != null) {
        all.put(e.name(), t);
      }
    }
    return all;
  }

  /** The entry of a name, which may be an alias; null if there is none. */
  public TorchEntry find(String name) {
    for (List<TorchEntry> l : List.of(entries, aliases)) {
      for (TorchEntry e : l) {
        if (e.name().equals(name)) {
          return e;
        }
      }
    }
    return null;
  }

  /** Where tensors come from: a map, or a file that is read piece by piece. */
  private interface Source {
    Set<String> names();

    TensorSpec spec(String name);

    Tensor get(String name);
  }

  /** Loads tensors by name; everything must fit. */
  public static LoadReport load(Layer layer, Map<String, Tensor> tensors) {
    return load(layer, tensors, StateDictOptions.STRICT);
  }

  /**
   * Loads tensors by name into a built layer; either all that fit are loaded or, with an exception,
   * none.
   *
   * @throws ShapeException for tensors of another shape or kind of numbers than the weight
   * @throws ModelFormatException for names left over, unless the options say otherwise
   */
  public static LoadReport load(
      Layer layer, Map<String, Tensor> tensors, StateDictOptions options) {
    return of(layer)
        .load(
            new Source() {
              @Override
              public Set<String> names() {
                return tensors.keySet();
              }

              @Override
              public TensorSpec spec(String name) {
                return tensors.get(name).spec();
              }

              @Override
              public Tensor get(String name) {
                return tensors.get(name);
              }
            },
            options);
  }

  /** Loads a safetensors file into a built layer; everything must fit. */
  public static LoadReport loadSafetensors(Layer layer, Path file) {
    return loadSafetensors(layer, file, StateDictOptions.STRICT);
  }

  /** Loads a safetensors file, tensor by tensor, so that it never lies in memory as a whole. */
  public static LoadReport loadSafetensors(Layer layer, Path file, StateDictOptions options) {
    StateDict dict = of(layer);
    try (Safetensors s = Safetensors.open(file)) {
      return dict.load(
          new Source() {
            @Override
            public Set<String> names() {
              return s.names();
            }

            @Override
            public TensorSpec spec(String name) {
              return s.spec(name);
            }

            @Override
            public Tensor get(String name) {
              return Tensor.ofTrusted(s.array(name));
            }
          },
          options);
    }
  }

  /** Writes a layer's weights to a safetensors file under PyTorch's names. */
  public static void saveSafetensors(Layer layer, Path file) {
    saveSafetensors(layer, file, Renaming.NONE);
  }

  /** Writes a layer's weights under the names that a renaming's files have. */
  public static void saveSafetensors(Layer layer, Path file, Renaming renaming) {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    of(layer).export().forEach((n, t) -> arrays.put(renaming.toForeign(n), t.toHostArray()));
    Safetensors.write(file, arrays, Map.of("format", "pt"));
  }

  private LoadReport load(Source source, StateDictOptions options) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String foreign : source.names()) {
      String ours = options.renaming().toOurs(foreign);
      String twin = given.put(ours, foreign);
      if (twin != null) {
        throw new ModelFormatException(
            layer.label() + ": '" + twin + "' and '" + foreign + "' both mean '" + ours + "'");
      }
    }
    List<TorchEntry> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Set<String> unexpected = new LinkedHashSet<>(given.values());
    for (TorchEntry e : entries) {
      if (given.containsKey(e.name())) {
        found.add(e);
        unexpected.remove(given.get(e.name()));
      } else if (!computed.containsAll(e.parts())) {
        missing.add(e.name());
      }
    }
    for (TorchEntry e : aliases) {
      if (given.containsKey(e.name())) {
        found.add(e);
        unexpected.remove(given.get(e.name()));
      }
    }
    missing.removeAll(namedElsewhere(found));
    // PyTorch counts the batches of a batch normalization; nothing is computed from that here
    unexpected.removeIf(n -> ("." + n).endsWith(".num_batches_tracked"));
    checkShapes(source, given, found);
    if (options.strict()) {
      checkNames(missing, unexpected);
    }
    assign(source, given, found);
    List<String> loaded = found.stream().map(TorchEntry::name).toList();
    return new LoadReport(loaded, missing, List.copyOf(unexpected));
  }

  /** Names whose variables came under other names: files keep a tied weight once. */
  private Set<String> namedElsewhere(List<TorchEntry> found) {
    Set<Variable> set = Collections.newSetFromMap(new IdentityHashMap<>());
    found.forEach(e -> set.addAll(e.parts()));
    Set<String> names = new LinkedHashSet<>();
    entries.stream().filter(e -> set.containsAll(e.parts())).forEach(e -> names.add(e.name()));
    return names;
  }

  private void checkShapes(Source source, Map<String, String> given, List<TorchEntry> found) {
    List<String> wrong = new ArrayList<>();
    for (TorchEntry e : found) {
      TensorSpec spec = source.spec(given.get(e.name()));
      if (!e.accepts(spec)) {
        wrong.add(
            "'"
                + given.get(e.name())
                + "': expected "
                + new TensorSpec(e.shape(), e.dtype())
                + ". Received: "
                + spec);
      }
    }
    if (!wrong.isEmpty()) {
      throw new ShapeException(layer.label() + ": " + some(wrong));
    }
  }

  private void checkNames(List<String> missing, Set<String> unexpected) {
    if (missing.isEmpty() && unexpected.isEmpty()) {
      return;
    }
    throw new ModelFormatException(
        layer.label()
            + ": expected a tensor for each weight and no others. Received: "
            + missing.size()
            + " weights without one "
            + some(missing)
            + ", "
            + unexpected.size()
            + " tensors without a weight "
            + some(List.copyOf(unexpected))
            + ". Pass a Renaming if the names differ, or StateDictOptions.LENIENT to leave them"
            + " out.");
  }

  private static String some(List<String> all) {
    int most = 8;
    String text = all.subList(0, Math.min(most, all.size())).toString();
    return all.size() > most ? text + " and " + (all.size() - most) + " more" : text;
  }

  /** All values are made before the first is set, so that a file that fails changes nothing. */
  private void assign(Source source, Map<String, String> given, List<TorchEntry> found) {
    Map<Variable, Tensor> values = new IdentityHashMap<>();
    for (TorchEntry e : found) {
      List<Tensor> parts = e.cut(source.get(given.get(e.name())));
      for (int i = 0; i < parts.size(); i++) {
        values.put(e.parts().get(i), parts.get(i));
      }
    }
    values.forEach(Variable::assign);
    layer.afterLoad();
    layer.submodules().forEach(Layer::afterLoad);
  }
}
