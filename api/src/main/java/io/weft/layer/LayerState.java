package io.weft.layer;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.tensor.NameScope;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What a layer holds: weights, inner layers, further state; and how they are saved and read. */
public abstract sealed class LayerState implements Saveable permits Layer {
  private final List<Variable> trainableVariables = new ArrayList<>();
  private final List<Variable> otherVariables = new ArrayList<>();
  private final List<Variable> states = new ArrayList<>();
  private final Map<String, Object> children = new LinkedHashMap<>();
  private final Nodes nodes = new Nodes();
  private LayerMetrics metrics; // guarded by this object's lock, made when first needed
  private volatile boolean trainable = true;

  LayerState() {}

  /** The calls of the layer in model graphs. */
  public final Nodes nodes() {
    return nodes;
  }

  /** Says in the constructor whether the weights will be trained. */
  final void startTrainable(boolean on) {
    trainable = on;
  }

  /** The layer's class and name, for messages. */
  public abstract String label();

  /** Makes a layer part of this one; the attribute's name is its place in weight files. */
  protected final <L extends Layer> L track(String attribute, L layer) {
    children.put(attribute, layer);
    return layer;
  }

  /** Makes a list of layers part of this one. */
  protected final <L extends Layer> List<L> trackAll(String attribute, List<L> layers) {
    children.put(attribute, List.copyOf(layers));
    return layers;
  }

  final void addOwn(Variable v, boolean isTrainable) {
    v.setPath(name() + "/" + v.name());
    v.setTrainable(isTrainable && trainable);
    (isTrainable ? trainableVariables : otherVariables).add(v);
  }

  final void share(Variable v) {
    trainableVariables.add(v);
  }

  final void addState(Variable v) {
    states.add(v);
  }

  /** Forgets the weights of a build that failed; a later build starts afresh. */
  final void forgetWeights() {
    trainableVariables.clear();
    otherVariables.clear();
    states.clear();
  }

  /** Trainable own weights first, then the others: the order of files. */
  public final List<Variable> ownVariables() {
    List<Variable> all = new ArrayList<>(trainableVariables);
    all.addAll(otherVariables);
    return all;
  }

  /** What a weight file keeps of this layer itself. */
  @Override
  public List<Variable> savedVariables() {
    return ownVariables();
  }

  /** {@link #children()}; a model adds its optimizer. */
  @Override
  public Map<String, Object> savedChildren() {
    return children();
  }

  /** Called after a weight file was read into the variables; calls {@link #finalizeState}. */
  @Override
  public void afterLoad() {
    finalizeState();
  }

  /**
   * Called after the weights of this layer, or of one that it is part of, were set as a whole: by
   * {@link #setWeights}, {@link #loadOwnVariables} or a file of any kind. For what a layer computes
   * from its weights once; the default does nothing.
   */
  protected void finalizeState() {}

  /**
   * Inner layers (or lists of them) by the attribute names that weight files use, in tracking
   * order.
   */
  public final Map<String, Object> children() {
    return Collections.unmodifiableMap(children);
  }

  /** Inner layers in tracking order. */
  public final List<Layer> sublayers() {
    List<Layer> out = new ArrayList<>();
    for (Object c : children.values()) {
      if (c instanceof Layer l) {
        out.add(l);
      } else {
        for (Object l : (List<?>) c) {
          out.add((Layer) l);
        }
      }
    }
    return out;
  }

  /** All layers inside, depth first in tracking order, each once. */
  public final List<Layer> submodules() {
    Set<Layer> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.add((Layer) this);
    List<Layer> all = new ArrayList<>();
    submodules(seen, all);
    return all;
  }

  private void submodules(Set<Layer> seen, List<Layer> out) {
    for (Layer l : sublayers()) {
      if (seen.add(l)) {
        out.add(l);
        ((LayerState) l).submodules(seen, out);
      }
    }
  }

  /** The scope that {@link #withNameScope} opens: the layer's name. */
  public final NameScope nameScope() {
    return new NameScope(name());
  }

  /** Runs a body in which variables made without {@code addWeight} are called after the layer. */
  public final <R> R withNameScope(Supplier<R> body) {
    return nameScope().with(body);
  }

  /** All weights: own trainable, own others, then those of inner layers; each once. */
  public final List<Variable> weights() {
    List<Variable> all = new ArrayList<>();
    collect(all, false, Collections.newSetFromMap(new IdentityHashMap<>()));
    return all;
  }

  /** Weights and further state: seeds, carried states. */
  public final List<Variable> variables() {
    List<Variable> all = new ArrayList<>();
    collect(all, true, Collections.newSetFromMap(new IdentityHashMap<>()));
    return all;
  }

  private void collect(List<Variable> out, boolean withStates, Set<Object> seen) {
    if (!seen.add(this)) {
      return;
    }
    for (Variable v : ownVariables()) {
      if (seen.add(v)) {
        out.add(v);
      }
    }
    if (withStates) {
      out.addAll(states);
    }
    for (LayerState l : sublayers()) {
      l.collect(out, withStates, seen);
    }
  }

  public final List<Variable> trainableWeights() {
    return trainable ? weights().stream().filter(Variable::trainable).toList() : List.of();
  }

  public final List<Variable> nonTrainableWeights() {
    List<Variable> t = trainableWeights();
    return weights().stream().filter(v -> !t.contains(v)).toList();
  }

  /** The numbers of {@link #weights()}, in its order. */
  public final List<Tensor> getWeights() {
    return weights().stream().map(Variable::concrete).toList();
  }

  /** Sets the numbers of {@link #weights()}, in its order. */
  public final void setWeights(List<Tensor> values) {
    List<Variable> w = weights();
    if (w.size() != values.size()) {
      throw new ShapeException(
          label() + ": expected " + w.size() + " weights. Received: " + values.size());
    }
    for (int i = 0; i < w.size(); i++) {
      Tensor value = values.get(i);
      if (value == null || !w.get(i).shape().equals(value.shape())) {
        throw new ShapeException(
            label()
                + ": weight '"
                + w.get(i).path()
                + "': expected shape "
                + w.get(i).shape()
                + ". Received: "
                + (value == null ? null : value.shape()));
      }
    }
    for (int i = 0; i < w.size(); i++) {
      w.get(i).assign(Ops.cast(values.get(i), w.get(i).dtype()));
    }
    finalizeState();
    submodules().forEach(l -> ((LayerState) l).finalizeState());
  }

  /** What files hold for this layer itself, without those inside, by their keys. */
  public final Map<String, Tensor> saveOwnVariables() {
    Map<String, Tensor> store = new LinkedHashMap<>();
    for (int i = 0; i < savedVariables().size(); i++) {
      store.put(savedKey(i), savedValue(i));
    }
    return store;
  }

  /**
   * Takes back what {@link #saveOwnVariables} gave.
   *
   * @throws ShapeException naming the variables and the keys, where they do not fit
   */
  public final void loadOwnVariables(Map<String, Tensor> store) {
    List<Variable> own = savedVariables();
    Map<String, Variable> expected = new LinkedHashMap<>();
    Map<String, String> shapes = new LinkedHashMap<>();
    for (int i = 0; i < own.size(); i++) {
      expected.put(savedKey(i), own.get(i));
      shapes.put(savedKey(i), own.get(i).path() + " " + own.get(i).shape());
    }
    Map<String, String> received = new LinkedHashMap<>();
    store.forEach((k, t) -> received.put(k, String.valueOf(t == null ? null : t.shape())));
    boolean fits = expected.keySet().equals(store.keySet());
    for (String k : fits ? store.keySet() : Set.<String>of()) {
      fits &= store.get(k) != null && store.get(k).shape().equals(expected.get(k).shape());
    }
    if (!fits) {
      throw new ShapeException(
          label() + ": loadOwnVariables: expected " + shapes + ". Received: " + received);
    }
    expected.forEach((k, v) -> v.assign(Ops.cast(store.get(k), v.dtype())));
    afterLoad();
  }

  /**
   * Number of elements of all weights.
   *
   * @throws IllegalStateException before the layer is built
   */
  public final long countParams() {
    if (!((Layer) this).isBuilt()) {
      throw new IllegalStateException(
          label()
              + ": countParams: expected a built layer. Received: one without weights yet. Call"
              + " build, or the layer itself.");
    }
    return weights().stream().mapToLong(v -> v.shape().size()).sum();
  }

  /**
   * Losses of the last outermost call on this thread, if it was of this layer, then one for each
   * trainable weight with a regularizer.
   */
  public final List<Tensor> losses() {
    List<Tensor> all = new ArrayList<>(CallContext.lastLosses((Layer) this));
    for (Variable v : trainableWeights()) {
      if (v.regularizer() instanceof Regularizer r) {
        all.add(r.apply(v.raw()));
      }
    }
    return all;
  }

  // ---------------------------------------------------------------- metrics and updates

  private synchronized LayerMetrics ownMetrics(boolean make) {
    if (metrics == null && make) {
      metrics = new LayerMetrics();
    }
    return metrics;
  }

  final RunningMean mean(String metricName) {
    return ownMetrics(true).mean(name(), metricName);
  }

  /** Makes a metric one of {@link #metrics}; the layer updates it in its call. */
  protected final void addMetric(Measure metric) {
    if (metric == null) {
      throw new ConfigException(label() + ": addMetric: expected a metric. Received: null");
    }
    ownMetrics(true).add(metric);
  }

  /**
   * The metrics of this layer, then those of the layers inside: given ones, and means of what calls
   * recorded ({@link CallContext#addMetric(Tensor, String)}).
   */
  public List<Measure> metrics() {
    return layerMetrics();
  }

  private List<Measure> layerMetrics() {
    Set<Measure> all = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Measure> out = new ArrayList<>();
    List<LayerState> layers = new ArrayList<>(List.of(this));
    layers.addAll(submodules());
    for (LayerState l : layers) {
      LayerMetrics own = l.ownMetrics(false);
      for (Measure m : own == null ? List.<Measure>of() : own.all()) {
        if (all.add(m)) {
          out.add(m);
        }
      }
    }
    return out;
  }

  /** Makes the metrics of this layer and the layers inside forget all batches. */
  public final void resetMetrics() {
    layerMetrics().forEach(Measure::reset);
  }

  /**
   * For steps of training and evaluation: takes what the last outermost call on this thread
   * recorded into its metrics, if it was of this layer and has not done so itself. (A call that
   * computes does; one that is captured does not, for it may be a prediction.)
   *
   * @return the metrics that were given, and those for which the call had figures
   */
  public final List<Measure> takeMetrics() {
    Set<Measure> used = CallContext.takeMetrics((Layer) this);
    return layerMetrics().stream()
        .filter(m -> !(m instanceof RunningMean) || used.contains(m))
        .toList();
  }

  /** Updates that wait for the end of a step: none, they are part of it. */
  public final List<Runnable> updates() {
    return List.of();
  }

  /** Whether the layer, or one inside, goes on in a call where the last one ended. */
  public boolean isStateful() {
    return sublayers().stream().anyMatch(Layer::isStateful);
  }

  /**
   * Whether calls only work on numbers, never in a capture or on Keras tensors: no layer here does
   * so, for {@code predict}, {@code fit} and shape inference capture all of them.
   */
  public final boolean isDynamic() {
    return false;
  }

  public final boolean trainable() {
    return trainable;
  }

  /** Freezes or thaws the layer and all inner layers. */
  public final void setTrainable(boolean on) {
    trainable = on;
    trainableVariables.forEach(v -> v.setTrainable(on));
    sublayers().forEach(l -> l.setTrainable(on));
  }

  /**
   * Saves the layer to a name that ends with {@code .keras} (config and weights), {@code
   * .weights.h5} or {@code .json}. The file is replaced whole or not at all.
   */
  public final void save(Path file) {
    ModelFiles.write(file, this);
  }

  /**
   * {@link #save(Path)}.
   *
   * @param overwrite whether a file that exists is replaced
   * @throws UncheckedIOException if the file exists and is not to be replaced
   */
  public final void save(Path file, boolean overwrite) {
    if (!overwrite && Files.exists(file)) {
      throw new UncheckedIOException(
          new FileAlreadyExistsException(file.toString(), null, "set overwrite to replace it"));
    }
    save(file);
  }

  /** Reads weights from a file of any layout into this built layer; everything must fit. */
  public final void loadWeights(Path file) {
    loadWeights(file, LoadOptions.STRICT);
  }

  /** Reads weights; gives what was passed over, one sentence each. */
  public final List<String> loadWeights(Path file, LoadOptions options) {
    try (SavedModel saved = ModelFiles.open(file)) {
      return saved.load(this, options);
    }
  }
}
