package io.weft.layer;

import io.weft.random.SeedGenerator;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What a layer's {@code call} may ask about the call: training flag, masks, keyword arguments. */
public final class CallContext {
  private static final ThreadLocal<CallContext> CURRENT = new ThreadLocal<>();
  private static final ThreadLocal<CallContext> LAST = new ThreadLocal<>();

  private final CallContext parent;
  private final Layer layer;
  private final CallArgs args;
  private final List<Tensor> masks;
  private final boolean training;
  private final List<Tensor> losses = new ArrayList<>();
  private final List<Tensor> innerLosses = new ArrayList<>();

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

  void exit() {
    if (parent == null) {
      CURRENT.remove();
      LAST.set(this);
    } else {
      CURRENT.set(parent);
      parent.innerLosses.addAll(losses);
      parent.innerLosses.addAll(innerLosses);
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
    List<Tensor> all = new ArrayList<>(c.losses);
    all.addAll(c.innerLosses);
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

  /** Adds a scalar to the losses of the layer that is called. */
  public void addLoss(Tensor loss) {
    losses.add(loss);
  }
}
