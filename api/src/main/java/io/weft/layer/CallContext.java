package io.weft.layer;

import io.weft.error.ConfigException;
import io.weft.random.SeedGenerator;
import io.weft.tensor.Tensor;
import io.weft.tensor.Trace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What a layer's {@code call} may ask about the call: training flag, masks, keyword arguments. */
public final class CallContext {
  private static final ThreadLocal<CallContext> CURRENT = new ThreadLocal<>();
  private static final ThreadLocal<CallContext> LAST = new ThreadLocal<>();

  private final CallContext parent;
  private final Layer layer;
  private final CallArgs args;
  private final List<Tensor> masks;
  private final boolean training;
  private final List<Supplier<Tensor>> losses = new ArrayList<>();
  private final List<Supplier<Tensor>> innerLosses = new ArrayList<>();
  private List<Recorded> metrics = List.of(); // own, then those of the layers inside
  private boolean taken;

  /** What a call has recorded for a metric. */
  private record Recorded(RunningMean metric, Tensor value) {}

  private CallContext(CallContext parent, Layer layer, CallArgs args, List<Tensor> masks) {
    this.parent = parent;
    this.layer = layer;
    this.args = args;
    this.masks = masks;
    Object t = args.get("training");
    this.training = t instanceof Boolean b ? b : parent != null && parent.training;
  }

  static CallContext enter(Layer layer, CallArgs args, List<Tensor> masks) {
    CallContext c = new CallContext(CURRENT.get(), layer, args, masks);
    CURRENT.set(c);
    return c;
  }

  /** What a layer would be told of a call that is not made. */
  static CallContext of(Layer layer, CallArgs args, List<Tensor> masks) {
    return new CallContext(null, layer, args, masks);
  }

  void exit() {
    if (parent == null) {
      CURRENT.remove();
      LAST.set(this);
    } else {
      CURRENT.set(parent);
      parent.innerLosses.addAll(losses);
      parent.innerLosses.addAll(innerLosses);
      metrics.forEach(parent::record);
    }
  }

  private void record(Recorded r) {
    metrics = metrics.isEmpty() ? new ArrayList<>() : metrics;
    metrics.add(r);
  }

  /**
   * An outermost call that computes takes its figures into the metrics at its end; in a captured
   * step the step does so, and predictions leave them.
   */
  void settle() {
    if (parent == null && !Trace.isOpen()) {
      takeMetrics();
    }
  }

  private void takeMetrics() {
    if (!taken) {
      taken = true;
      metrics.forEach(r -> r.metric().update(r.value()));
    }
  }

  /**
   * Takes the figures of the last outermost call on this thread into the metrics, if it was of this
   * layer; gives the metrics that had any.
   */
  static Set<Measure> takeMetrics(Layer layer) {
    CallContext c = LAST.get();
    if (c == null || c.layer != layer) {
      return Set.of();
    }
    c.takeMetrics();
    Set<Measure> all = Collections.newSetFromMap(new IdentityHashMap<>());
    c.metrics.forEach(r -> all.add(r.metric()));
    return all;
  }

  /** Runs a body that is no part of the present call: it tries what a layer would do. */
  static <T> T apart(Supplier<T> body) {
    CallContext current = CURRENT.get();
    CallContext last = LAST.get();
    CURRENT.remove();
    try {
      return body.get();
    } finally {
      restore(CURRENT, current);
      restore(LAST, last);
    }
  }

  private static void restore(ThreadLocal<CallContext> to, CallContext c) {
    if (c == null) {
      to.remove();
    } else {
      to.set(c);
    }
  }

  /**
   * Losses added during the last outermost call on this thread, if it was a call of this layer: its
   * own, then those of the layers inside.
   */
  static List<Tensor> lastLosses(Layer layer) {
    CallContext c = LAST.get();
    if (c == null || c.layer != layer) {
      return List.of();
    }
    List<Tensor> all = new ArrayList<>();
    c.losses.forEach(s -> all.add(s.get()));
    c.innerLosses.forEach(s -> all.add(s.get()));
    return all;
  }

  /** Forgets the last call on this thread, so that its tensors can be freed. */
  public static void clear() {
    LAST.remove();
  }

  /**
   * Whether this is a training step: the explicit argument, else the enclosing call's, else false.
   */
  public boolean training() {
    return training;
  }

  /** The keyword arguments of the call. */
  public CallArgs args() {
    return args;
  }

  /**
   * The mask of input {@code i}: the explicit {@code mask} argument, else the one attached, else
   * null. An explicit null, as graphs in files have it, means no mask.
   */
  public Tensor mask(int i) {
    Object m = args.get("mask");
    if (m instanceof Tensor t) {
      return i == 0 ? t : null;
    }
    if (m instanceof List<?> l) {
      return i < l.size() ? (Tensor) l.get(i) : null;
    }
    if (args.asMap().containsKey("mask")) {
      return null;
    }
    return i < masks.size() ? masks.get(i) : null;
  }

  /** Masks of all inputs, null where there is none. */
  public List<Tensor> masks() {
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < masks.size(); i++) {
      out.add(mask(i));
    }
    return out;
  }

  /** The arguments among these names that were given, to be handed on to an inner layer. */
  public CallArgs forward(String... names) {
    CallArgs a = CallArgs.NONE;
    for (String n : names) {
      if (args.has(n)) {
        a = a.with(n, args.get(n));
      }
    }
    return a;
  }

  /**
   * Calls an inner layer's {@code call} alone, without what {@code apply} adds: no casting, no
   * attached masks, no activity losses.
   */
  public List<Tensor> callInner(Layer inner, List<Tensor> inputs, CallArgs call) {
    CallContext c = enter(inner, call, java.util.Collections.nCopies(inputs.size(), null));
    try {
      return inner.call(inputs, c);
    } finally {
      c.exit();
    }
  }

  /** A key for one random draw; the generator's state moves on. */
  public Tensor randomKey(SeedGenerator seed) {
    return seed.next();
  }

  /** Adds a scalar to the losses of the layer that is called, until the next outermost call. */
  public void addLoss(Tensor loss) {
    losses.add(() -> loss);
  }

  /** Adds a scalar that is computed whenever {@link Layer#losses} is asked for it. */
  public void addLoss(Supplier<Tensor> loss) {
    losses.add(loss);
  }

  /**
   * Records a figure of this call. Its mean over the batches of an epoch is one of the layer's
   * {@link Layer#metrics}, of the logs of {@code fit} and of the results of {@code evaluate};
   * predictions leave it out. Not inside the steps of a scan.
   *
   * @param value a scalar, or one number (or more) for each row
   * @throws ConfigException without a name
   */
  public void addMetric(Tensor value, String name) {
    if (name == null || name.isEmpty()) {
      throw new ConfigException(
          layer.label() + ": addMetric: expected a name for the figure. Received: " + name);
    }
    if (value == null) {
      throw new ConfigException(
          layer.label() + ": addMetric '" + name + "': expected a tensor. Received: null");
    }
    record(new Recorded(layer.mean(name), value));
  }

  /** Makes a metric, which the layer updates itself, one of the layer's {@link Layer#metrics}. */
  public void addMetric(Measure metric) {
    layer.addMetric(metric);
  }

  /**
   * Runs an update of the layer's state: at once, in training, unless the layer or one around it is
   * frozen.
   *
   * @deprecated assign the variable where it is due; captured steps publish what is assigned
   */
  @Deprecated
  public void addUpdate(Runnable update) {
    boolean frozen = false;
    for (CallContext c = this; c != null; c = c.parent) {
      frozen |= !c.layer.trainable();
    }
    if (training && !frozen) {
      update.run();
    }
  }
}
