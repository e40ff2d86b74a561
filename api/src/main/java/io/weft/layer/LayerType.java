package io.weft.layer;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The registry row of a layer class, with the signature of its {@code call} as Keras has it.
 *
 * @param <L> the layer class
 */
public final class LayerType<L extends Layer> extends Entry<L> {
  private final String pythonName;
  private final List<String> callArgs;
  private final int tensors;
  private final int required;
  private final boolean list;
  private final boolean buildConfig;
  private final ImpliedSize implied;

  private LayerType(
      String module,
      String className,
      String registeredName,
      Function<Config, L> factory,
      String pythonName,
      List<String> callArgs,
      int tensors,
      int required,
      boolean list,
      boolean buildConfig,
      ImpliedSize implied) {
    super(Layer.class, module, className, registeredName, factory);
    this.pythonName = pythonName;
    this.callArgs = callArgs;
    this.tensors = tensors;
    this.required = required;
    this.list = list;
    this.buildConfig = buildConfig;
    this.implied = implied;
  }

  /** A layer of {@code keras.layers} that takes one tensor. */
  public static <L extends Layer> LayerType<L> keras(
      String className, Function<Config, L> factory) {
    return new LayerType<>(
        "keras.layers",
        className,
        null,
        factory,
        className,
        List.of("inputs"),
        1,
        1,
        false,
        true,
        null);
  }

  /** A class of Keras outside of {@code keras.layers}: models and other internals. */
  public static <L extends Layer> LayerType<L> internal(
      String module, String className, String registeredName, Function<Config, L> factory) {
    return new LayerType<>(
        module,
        className,
        registeredName,
        factory,
        className,
        List.of("inputs"),
        1,
        1,
        false,
        true,
        null);
  }

  /** A layer of one's own, registered as {@code package>name}. */
  public static <L extends Layer> LayerType<L> custom(
      String packageName, String className, Function<Config, L> factory) {
    return new LayerType<>(
        packageName,
        className,
        packageName + ">" + className,
        factory,
        className,
        List.of("inputs"),
        1,
        1,
        false,
        true,
        null);
  }

  /** Like this, but the first call argument is a list of tensors: {@code call(inputs)}. */
  public LayerType<L> takesList() {
    return copy(callArgs, 1, 1, true, buildConfig, pythonName);
  }

  /** Like this, with the names of {@code call}'s tensor arguments, such as query, value, key. */
  public LayerType<L> inputs(String... names) {
    return copy(List.of(names), names.length, names.length, list, buildConfig, pythonName);
  }

  /** Like this, with tensor arguments after {@link #inputs} that a call may leave out. */
  public LayerType<L> optional(String... names) {
    List<String> all = new java.util.ArrayList<>(callArgs);
    all.addAll(Arrays.asList(names));
    return copy(all, all.size(), required, list, buildConfig, pythonName);
  }

  /**
   * Like this, with further arguments of {@code call} in Python's order, such as mask, training.
   */
  public LayerType<L> args(String... names) {
    List<String> all = new java.util.ArrayList<>(callArgs);
    all.addAll(Arrays.asList(names));
    return copy(all, tensors, required, list, buildConfig, pythonName);
  }

  /**
   * Like this, for layers that Keras marks as built in the constructor (no build config in files).
   */
  public LayerType<L> builtAtOnce() {
    return copy(callArgs, tensors, required, list, false, pythonName);
  }

  /** Like this, for a class whose Python name differs from the name in files. */
  public LayerType<L> pythonName(String name) {
    return copy(callArgs, tensors, required, list, buildConfig, name);
  }

  private LayerType<L> copy(
      List<String> args, int n, int needed, boolean takesList, boolean build, String python) {
    return new LayerType<>(
        module(),
        className(),
        registeredName(),
        this::create,
        python,
        List.copyOf(args),
        n,
        needed,
        takesList,
        build,
        implied);
  }

  /** Like this, for a class whose files may lack an argument that their weights tell. */
  public LayerType<L> implies(ImpliedSize size) {
    return new LayerType<>(
        module(),
        className(),
        registeredName(),
        this::create,
        pythonName,
        callArgs,
        tensors,
        required,
        list,
        buildConfig,
        size);
  }

  /** The argument that files may lack; null if there is none. */
  public ImpliedSize implied() {
    return implied;
  }

  /** The Python class name: automatic names and weight groups are made of it. */
  public String pythonName() {
    return pythonName;
  }

  /** Positional arguments under their names, beside the keyword arguments. */
  Map<String, Object> arguments(String who, List<?> positional, Map<String, ?> kwargs) {
    Map<String, Object> bound = new LinkedHashMap<>(kwargs);
    if (list && !positional.isEmpty() && positional.get(0) instanceof Tensor t) {
      throw new ShapeException(
          who + ": expected a list of tensors. Received: one tensor of shape " + t.shape());
    }
    if (positional.size() > callArgs.size()) {
      throw new ShapeException(
          who
              + ": expected at most "
              + callArgs.size()
              + " arguments "
              + callArgs
              + ". Received: "
              + positional.size());
    }
    for (int i = 0; i < positional.size(); i++) {
      bound.put(callArgs.get(i), positional.get(i));
    }
    return bound;
  }

  /** Names of {@code call}'s arguments in Python's order. */
  public List<String> callArgs() {
    return callArgs;
  }

  /** How many of {@link #callArgs} are tensors that come as inputs. */
  public int tensorArgs() {
    return tensors;
  }

  /** How many of {@link #tensorArgs} every call gives. */
  public int requiredArgs() {
    return required;
  }

  /** Whether the first argument is a list of tensors. */
  public boolean isList() {
    return list;
  }

  /** Whether files hold a build config for this class. */
  public boolean hasBuildConfig() {
    return buildConfig;
  }
}
