package io.weft.layer;

import io.weft.error.ShapeException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a layer holds: weights, inner layers, further state; and how they are saved and read. */
public abstract sealed class LayerState implements Saveable permits Layer {
  private final List<Variable> trainableVariables = new ArrayList<>();
  private final List<Variable> otherVariables = new ArrayList<>();
  private final List<Variable> states = new ArrayList<>();
  private final Map<String, Object> children = new LinkedHashMap<>();
  private volatile boolean trainable = true;

  LayerState() {}

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

  /** Called after a weight file was read into the variables. */
  @Override
  public void afterLoad() {}

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
        ((List<?>) c).forEach(l -> out.add((Layer) l));
      }
    }
    return out;
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
  }

  /** Number of elements of all weights. */
  public final long countParams() {
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
