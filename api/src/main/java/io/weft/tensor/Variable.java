package io.weft.tensor;

import io.weft.backend.Storage;
import io.weft.error.ShapeException;
import java.lang.ref.SoftReference;
import java.util.function.Supplier;

/**
 * A named piece of state: a weight, a statistic, a seed, an optimizer slot. The only mutable object
 * of the core. Its numbers are made when they are first read, so that a model can be described
 * without memory and a file's values are not drawn first. Assigning is atomic; a compiled step
 * publishes all its assignments at its end. Reading is safe from any thread.
 */
public final class Variable {
  private static final ThreadLocal<DType> AUTOCAST = new ThreadLocal<>();

  private final String name;
  private final TensorSpec spec;
  private final boolean autocast;
  private Supplier<Tensor> initializer;
  private volatile Tensor value;
  private SoftReference<Storage> retired; // guarded by this
  private volatile String path;
  private volatile boolean trainable;
  private volatile Object regularizer;
  private volatile Object constraint;
  private volatile boolean overwriteWithGradient;

  /** A variable whose numbers come from {@code initializer} when they are first needed. */
  public Variable(
      String name,
      TensorSpec spec,
      boolean trainable,
      boolean autocast,
      Supplier<Tensor> initializer) {
    this.name = name;
    this.path = NameScope.path(name);
    this.spec = spec;
    this.trainable = trainable;
    this.autocast = autocast;
    this.initializer = initializer;
  }

  /** A variable that starts with given numbers. */
  public Variable(String name, Tensor value, boolean trainable) {
    this(name, value.spec(), trainable, true, null);
    this.value = value;
    share(value);
  }

  /** What is given from outside may be in other hands. */
  private static void share(Tensor t) {
    if (t instanceof ArrayTensor array) {
      array.share();
    }
  }

  public String name() {
    return name;
  }

  /** Owner's path and name, such as {@code dense/kernel}. */
  public String path() {
    return path;
  }

  public void setPath(String path) {
    this.path = path;
  }

  public TensorSpec spec() {
    return spec;
  }

  public Shape shape() {
    return spec.shape();
  }

  public DType dtype() {
    return spec.dtype();
  }

  public boolean trainable() {
    return trainable;
  }

  public void setTrainable(boolean trainable) {
    this.trainable = trainable;
  }

  /** The {@code io.weft.layer.Regularizer} of this weight, or null. */
  public Object regularizer() {
    return regularizer;
  }

  public void setRegularizer(Object regularizer) {
    this.regularizer = regularizer;
  }

  /** The {@code io.weft.layer.Constraint} of this weight, or null. */
  public Object constraint() {
    return constraint;
  }

  public void setConstraint(Object constraint) {
    this.constraint = constraint;
  }

  /** True where training replaces the value by its gradient (float8 statistics). */
  public boolean overwriteWithGradient() {
    return overwriteWithGradient;
  }

  public void setOverwriteWithGradient(boolean overwriteWithGradient) {
    this.overwriteWithGradient = overwriteWithGradient;
  }

  /** The present value, cast to the compute dtype inside a layer's call; immutable. */
  public Tensor value() {
    Tensor v = raw();
    DType to = AUTOCAST.get();
    return autocast && to != null && to != v.dtype() && v.dtype().isFloating()
        ? Ops.cast(v, to)
        : v;
  }

  /** The present value in the variable's own dtype. */
  public Tensor raw() {
    Trace trace = Trace.current();
    return trace != null ? trace.read(this) : concrete();
  }

  /** The present numbers, also while a capture is open. */
  public Tensor concrete() {
    Tensor v;
    do {
      v = current();
      share(v);
    } while (v != value); // replaced before it was marked: that one may be written again
    return v;
  }

  /** The present numbers for a compiled run, which does not keep them. */
  Tensor current() {
    Tensor v = value;
    return v != null ? v : initialize();
  }

  private synchronized Tensor initialize() {
    if (value == null) {
      Tensor v = Ops.outsideOfTrace(initializer);
      check(v);
      share(v);
      value = v instanceof ArrayTensor array ? array.alone() : v;
      initializer = null;
    }
    return value;
  }

  /** True once the numbers exist. */
  public boolean isInitialized() {
    return value != null;
  }

  /** Replaces the value; shape and dtype must be the variable's. */
  public void assign(Tensor newValue) {
    check(newValue);
    Trace trace = Trace.current();
    if (trace != null) {
      trace.assign(this, newValue);
      return;
    }
    if (!(newValue instanceof ArrayTensor array)) {
      throw new IllegalStateException("Variable '" + path + "': " + newValue + " has no numbers.");
    }
    array.share();
    synchronized (this) {
      value = array.alone();
      initializer = null;
    }
  }

  /** Takes numbers that a run made for this variable alone; the old ones are retired. */
  synchronized void replace(ArrayTensor newValue) {
    check(newValue);
    Storage old = value instanceof ArrayTensor array ? array.storageOrNull() : null;
    retired = old == null || old.isShared() ? null : new SoftReference<>(old);
    value = newValue;
    initializer = null;
  }

  /** Gives away the storage that was replaced last, while memory lasts; null if there is none. */
  synchronized Storage takeRetired() {
    Storage s = retired == null ? null : retired.get();
    retired = null;
    return s;
  }

  private void check(Tensor t) {
    if (!t.spec().equals(spec)) {
      throw new ShapeException(
          "Variable '" + path + "': expected " + spec + ". Received: " + t.spec());
    }
  }

  /** Runs a body in which variables are read as {@code dtype}; null reads them as they are. */
  public static <T> T withAutocast(DType dtype, Supplier<T> body) {
    DType old = AUTOCAST.get();
    AUTOCAST.set(dtype);
    try {
      return body.get();
    } finally {
      AUTOCAST.set(old);
    }
  }

  @Override
  public String toString() {
    return "Variable(" + path + ", " + spec + ")";
  }
}
