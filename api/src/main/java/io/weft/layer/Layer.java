package io.weft.layer;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Learner;
import io.weft.config.Names;
import io.weft.config.Parameters;
import io.weft.config.Registry;
import io.weft.config.Restorable;
import io.weft.error.ConfigException;
import io.weft.error.ModelFormatException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import io.weft.tensor.DType;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A layer: reads its config in the constructor, makes its weights in {@link #build(BuildContext)},
 * and computes in {@link #call}. Everything else (casting, shape inference, masks, losses, saving,
 * the config itself, gradients) follows. {@code apply} on a built layer may run on any number of
 * threads; building is for one.
 */
public abstract non-sealed class Layer extends LayerState
    implements Operation, Configurable, Restorable, Learner {
  private static final Set<String> BASE_KEYS =
      Set.of("name", "trainable", "dtype", "activity_regularizer");

  /** The reader of this layer's config. */
  protected final Args args;

  private final LayerType<?> type;
  private final DTypePolicy policy;
  private Regularizer activityRegularizer;
  private final boolean givenName;
  private volatile String name;
  private boolean supportsMasking;
  private boolean autocast = true;
  private volatile boolean built;
  private volatile List<InputSpec> inputSpecs = List.of();
  private List<Shape> buildShapes;

  /** Reads {@code name}, {@code trainable}, {@code dtype} and {@code activity_regularizer}. */
  protected Layer(LayerType<?> type, Config config) {
    this.type = type;
    Object n = config.get("name");
    this.args = new Args(type.className() + (n instanceof String ? " '" + n + "'" : ""), config);
    String given = args.stringOrNull("name", null);
    if (given != null && (given.isEmpty() || given.contains("/"))) {
      throw args.refuse("name", "a name without '/'");
    }
    this.name = given;
    this.givenName = given != null;
    startTrainable(args.bool("trainable", true));
    this.policy = DTypePolicy.of(args.any("dtype", null));
    args.note("dtype", policy);
    this.activityRegularizer = args.objectOrNull("activity_regularizer", Regularizer.class, null);
    if (activityRegularizer == null) {
      args.forget("activity_regularizer");
    }
  }

  // ---------------------------------------------------------------- to be written by subclasses

  /** Makes the layer's own weights for the shapes of its inputs; the default makes none. */
  protected void build(BuildContext b) {}

  /** Computes the results, in flattening order. Works on numbers and inside captures alike. */
  public abstract List<Tensor> call(List<Tensor> inputs, CallContext ctx);

  /**
   * The masks of the results, null where there is none, for a layer that {@link
   * #supportsMasking()}. The default hands on the first input's mask.
   */
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(masks.isEmpty() ? null : masks.get(0));
  }

  /**
   * The masks of the results for these inputs and their masks, null where there is none.
   *
   * @throws UnsupportedFeatureException for a mask, if the layer does not support masking
   */
  public final List<Tensor> computeMask(List<Tensor> inputs, List<Tensor> masks) {
    if (supportsMasking) {
      return computeMasks(inputs, masks);
    }
    if (masks.stream().anyMatch(Objects::nonNull)) {
      throw new UnsupportedFeatureException(
          label() + ": computeMask: expected no mask, for this layer does not hand masks on.");
    }
    return Collections.singletonList(null);
  }

  /** What {@code apply} accepts; set it in the constructor, narrow it in build. */
  protected final void setInputSpec(InputSpec... specs) {
    inputSpecs = List.of(specs);
  }

  /** What {@code apply} accepts, one for each input; none where everything goes. */
  public final List<InputSpec> inputSpecs() {
    return inputSpecs;
  }

  /** Says that the layer hands masks on; the default drops them. */
  protected final void setSupportsMasking(boolean supports) {
    supportsMasking = supports;
  }

  /** Switches off the casting of inputs and weights to the compute dtype. */
  protected final void setAutocast(boolean on) {
    autocast = on;
  }

  /**
   * Takes the activity regularizer away from this layer, for a class that hands it to its parts and
   * writes it to its config at a place of its own; null if there is none.
   */
  protected final Regularizer takeActivityRegularizer() {
    Regularizer r = activityRegularizer;
    activityRegularizer = null;
    args.forget("activity_regularizer");
    return r;
  }

  /**
   * Reads an activation: a name, an object, a layer (which becomes part of this one), or null for
   * {@code linear}.
   */
  protected final Activation activation(String key, String fallback) {
    Object v = args.any(key, fallback);
    if (v == null) {
      v = Registry.standard().named(Activation.class, "linear");
    } else if (Registry.isEnvelope(v)) {
      v = Registry.standard().restore(v, key);
    }
    Activation a;
    if (v instanceof Layer l) {
      a = new LayerActivation(track(key, l));
    } else {
      a = args.asObject(key, v, Activation.class);
    }
    args.note(key, a);
    return a;
  }

  /** The penalty on what the layer computes. */
  public final Optional<Regularizer> activityRegularizer() {
    return Optional.ofNullable(activityRegularizer);
  }

  /** Whether this layer or one inside penalizes what it computes. */
  public final boolean regularizesActivity() {
    return activityRegularizer != null || sublayers().stream().anyMatch(Layer::regularizesActivity);
  }

  /** A reader of the arguments that say how weights start, are penalized and bounded. */
  protected final WeightOptions weightOptions() {
    return new WeightOptions(args, () -> args.note("activity_regularizer", activityRegularizer));
  }

  /**
   * The inputs' shapes with unknown sizes settled where the layer needs that two of them agree, so
   * that shape inference can try the call; the default changes nothing.
   */
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    return inputs;
  }

  /**
   * The shape of a result as Keras states it, where that is less than or other than what {@link
   * #call} gives for these inputs.
   */
  protected Shape statedShape(List<Shape> inputs, Shape inferred) {
    return inferred;
  }

  /** {@link #statedShape(List, Shape)} of the i-th result. */
  protected Shape statedShape(List<Shape> inputs, int i, Shape inferred) {
    return statedShape(inputs, inferred);
  }

  /**
   * The dtype of a result as Keras states it: for most of its layers the compute dtype, also where
   * integers come and go unchanged.
   */
  protected DType statedDType(DType inferred) {
    return type.module().equals("keras.layers") ? policy.compute() : inferred;
  }

  // ---------------------------------------------------------------- calling

  /** Calls the layer on its inputs; the result must be one tensor. */
  public final Tensor apply(Tensor... inputs) {
    return one(applyAll(Arrays.asList(inputs), CallArgs.NONE));
  }

  /** Calls the layer on one input with keyword arguments. */
  public final Tensor apply(Tensor input, CallArgs call) {
    return one(applyAll(Collections.singletonList(input), call));
  }

  /** Calls the layer on several inputs with keyword arguments; the result must be one tensor. */
  public final Tensor apply(List<Tensor> inputs, CallArgs call) {
    return one(applyAll(inputs, call));
  }

  private Tensor one(List<Tensor> out) {
    if (out.size() != 1) {
      throw new IllegalStateException(
          label() + ": apply gives one tensor, this call gave " + out.size() + ". Use applyAll.");
    }
    return out.get(0);
  }

  /**
   * Keras' {@code __call__}: casts, checks, builds, computes, attaches masks, collects losses; on
   * Keras tensors it adds a node to the model graph. Inputs are the tensor arguments of the call
   * (optional ones may be null or missing), results stand in flattening order.
   */
  public final List<Tensor> applyAll(List<Tensor> inputs, CallArgs call) {
    for (Tensor t : Structure.tensors(List.of(inputs, call.asMap()))) {
      if (t instanceof KerasTensor) {
        return symbolic(positional(inputs), call.asMap());
      }
    }
    return run(inputs, call);
  }

  /** The call's positional arguments in the form that Python code has. */
  protected List<Object> positional(List<Tensor> inputs) {
    if (type.isList()) {
      return List.of(new ArrayList<Object>(inputs));
    }
    return new ArrayList<>(inputs);
  }

  final List<Tensor> symbolic(List<?> positional, Map<String, ?> kwargs) {
    args.finish();
    List<Shape> shapes = new ArrayList<>();
    for (Tensor t : inputsOf(type.arguments(label(), positional, kwargs))) {
      if (t != null) {
        shapes.add(t.shape());
      }
    }
    ensureBuilt(shapes);
    return List.copyOf(Node.call(this, positional, kwargs).outputs());
  }

  /** The masks of a call's results as Keras tensors; fewer than results where there are none. */
  final List<Tensor> masksOf(Node node) {
    if (!supportsMasking) {
      return List.of();
    }
    Map<String, Object> bound = type.arguments(label(), node.args(), node.kwargs());
    List<Tensor> in = inputsOf(bound);
    List<Tensor> masks = new ArrayList<>();
    in.forEach(t -> masks.add(Node.maskOf(t)));
    CallContext ctx = CallContext.of(this, CallArgs.copyOf(bound), masks);
    return computeMasks(in, ctx.masks());
  }

  /** The tensors of a nested first argument, in the order that {@code call} gets them. */
  protected List<Tensor> flatten(Object nest) {
    return Structure.tensors(nest);
  }

  private List<Tensor> inputsOf(Map<String, Object> bound) {
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < type.tensorArgs(); i++) {
      Object v = bound.get(type.callArgs().get(i));
      if (v instanceof Tensor || v == null) {
        in.add((Tensor) v);
      } else {
        in.addAll(flatten(v));
      }
    }
    while (!in.isEmpty() && in.get(in.size() - 1) == null) {
      in.remove(in.size() - 1);
    }
    return in;
  }

  @Override
  public List<Tensor> invoke(List<?> positional, Map<String, ?> kwargs) {
    Map<String, Object> bound = type.arguments(label(), positional, kwargs);
    List<Tensor> in = inputsOf(bound);
    for (int i = 0; i < type.tensorArgs(); i++) {
      bound.remove(type.callArgs().get(i));
    }
    return applyAll(in, CallArgs.copyOf(bound));
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    return flat.size() == 1 ? flat.get(0) : flat;
  }

  private List<Tensor> run(List<Tensor> given, CallArgs call) {
    if (given.isEmpty() || given.get(0) == null) {
      throw new ShapeException(label() + ": expected at least one tensor. Received: none");
    }
    try {
      return checked(given, call);
    } catch (ShapeException e) {
      List<Shape> shapes = new ArrayList<>();
      given.forEach(t -> shapes.add(t == null ? null : t.shape()));
      throw e.in(label(), shapes);
    }
  }

  private List<Tensor> checked(List<Tensor> given, CallArgs call) {
    List<Tensor> inputs = new ArrayList<>(given.size());
    List<Tensor> masks = new ArrayList<>(given.size());
    List<Shape> shapes = new ArrayList<>(given.size());
    for (Tensor t : given) {
      masks.add(t == null ? null : t.mask());
      if (t != null) {
        shapes.add(t.shape());
      }
      boolean cast = t != null && autocast && t.dtype().isFloating();
      inputs.add(cast ? Ops.cast(t, policy.compute()) : t);
    }
    ensureBuilt(shapes);
    CallContext ctx = CallContext.enter(this, call, masks);
    try {
      List<Tensor> out =
          Variable.withAutocast(autocast ? policy.compute() : null, () -> call(inputs, ctx));
      regularizeActivity(out, ctx);
      ctx.settle();
      return supportsMasking ? masked(inputs, ctx.masks(), out) : unmasked(out);
    } finally {
      ctx.exit();
    }
  }

  private void regularizeActivity(List<Tensor> out, CallContext ctx) {
    if (activityRegularizer == null) {
      return;
    }
    for (Tensor t : out) {
      Tensor loss = activityRegularizer.apply(t);
      ctx.addLoss(t.rank() > 0 ? loss.divide(t.dim(0)) : loss);
    }
  }

  private List<Tensor> masked(List<Tensor> inputs, List<Tensor> masks, List<Tensor> out) {
    boolean whole = true;
    for (Tensor t : out) {
      whole &= t.mask() != null;
    }
    if (whole) {
      return out;
    }
    List<Tensor> computed = computeMasks(inputs, masks);
    List<Tensor> result = new ArrayList<>(out.size());
    for (int i = 0; i < out.size(); i++) {
      Tensor t = out.get(i);
      Tensor m = i < computed.size() ? computed.get(i) : null;
      result.add(t.mask() != null || m == null ? t : t.withMask(m));
    }
    return result;
  }

  private static List<Tensor> unmasked(List<Tensor> out) {
    for (Tensor t : out) {
      if (t.mask() != null) {
        return out.stream().map(x -> x.withMask(null)).toList();
      }
    }
    return out;
  }

  // ---------------------------------------------------------------- building

  private void ensureBuilt(List<Shape> shapes) {
    checkInputs(shapes);
    if (!built) {
      synchronized (this) {
        if (!built) {
          args.finish();
          List<Shape> known = new ArrayList<>(shapes.size());
          for (Shape s : shapes) {
            known.add(Symbolic.unfilled(s));
          }
          try {
            build(new BuildContext(this, known));
          } catch (RuntimeException e) {
            forgetWeights();
            throw e;
          }
          buildShapes = known;
          built = true;
        }
      }
      checkInputs(shapes);
    }
  }

  private void checkInputs(List<Shape> shapes) {
    List<InputSpec> specs = inputSpecs;
    if (specs.size() > 1 && shapes.size() < specs.size()) {
      throw new ShapeException(
          label() + ": expected " + specs.size() + " inputs. Received: " + shapes.size());
    }
    for (int i = 0; i < specs.size() && i < shapes.size(); i++) {
      specs.get(i).check(label(), i, shapes.get(i));
    }
  }

  /** Builds the layer and its inner layers for inputs of these shapes; does nothing when built. */
  public final Layer build(Shape... inputShapes) {
    List<TensorSpec> specs = new ArrayList<>();
    for (Shape s : inputShapes) {
      specs.add(new TensorSpec(s, policy.compute()));
    }
    return build(specs, CallArgs.NONE);
  }

  /** Builds the layer for inputs of these specs and a call with these arguments. */
  public final Layer build(List<TensorSpec> inputs, CallArgs call) {
    if (!built || !isBuiltWhole()) {
      ensureBuilt(shapes(inputs));
      if (!isBuiltWhole()) {
        Symbolic.infer(callInputs(inputs), ts -> run(ts, call));
      }
    }
    return this;
  }

  /**
   * The inputs of a call of this layer, now that its own weights are made, where {@code build} was
   * given only some of them; the default gives them as they are.
   */
  protected List<TensorSpec> callInputs(List<TensorSpec> inputs) {
    return inputs;
  }

  /** For models: everything inside is built already. */
  protected final void markBuilt() {
    built = true;
  }

  private static List<Shape> shapes(List<TensorSpec> specs) {
    List<Shape> shapes = new ArrayList<>(specs.size());
    for (TensorSpec s : specs) {
      shapes.add(s.shape());
    }
    return shapes;
  }

  private boolean isBuiltWhole() {
    boolean whole = true;
    for (Layer l : sublayers()) {
      whole &= l.built && l.isBuiltWhole();
    }
    return whole;
  }

  public final boolean isBuilt() {
    return built;
  }

  /** Shapes of the results for inputs of these shapes; unknown sizes stay unknown. */
  public final List<Shape> computeOutputShape(Shape... inputShapes) {
    List<TensorSpec> specs = new ArrayList<>();
    for (Shape s : inputShapes) {
      specs.add(new TensorSpec(s, policy.compute()));
    }
    return shapes(computeOutputSpec(specs, CallArgs.NONE));
  }

  /** Shapes of the results for the inputs that the layer was built for; empty when not built so. */
  public final List<Shape> outputShapes() {
    return buildShapes == null || buildShapes.isEmpty()
        ? List.of()
        : computeOutputShape(buildShapes.toArray(new Shape[0]));
  }

  /** Specs of the results for inputs of these specs. */
  public final List<TensorSpec> computeOutputSpec(List<TensorSpec> inputs, CallArgs call) {
    ensureBuilt(shapes(inputs));
    return infer(inputs, ts -> run(ts, call));
  }

  /**
   * Specs of the results of a call for partially known specs of all tensors in it, inputs first.
   */
  public final List<TensorSpec> infer(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> call) {
    List<Shape> shapes = shapes(in);
    List<Shape> assumed = shapes.isEmpty() ? shapes : assumedShapes(shapes);
    List<TensorSpec> filled = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      filled.add(
          i < assumed.size() ? new TensorSpec(assumed.get(i), in.get(i).dtype()) : in.get(i));
    }
    List<TensorSpec> out = new ArrayList<>();
    for (TensorSpec s : Symbolic.infer(filled, call)) {
      Shape shape = statedShape(shapes, out.size(), s.shape());
      out.add(new TensorSpec(shape, statedDType(s.dtype())));
    }
    return out;
  }

  /** Shapes of the inputs that the layer was built for; empty before. */
  public final List<Shape> buildShapes() {
    return buildShapes == null ? List.of() : List.copyOf(buildShapes);
  }

  /**
   * What files keep of the build: {@code input_shape} or {@code shapes_dict}; null when not built.
   */
  public Config getBuildConfig() {
    if (buildShapes == null || !type.hasBuildConfig()) {
      return null;
    }
    return BuildConfigs.of(type, buildShapes);
  }

  /** Builds the layer as {@link #getBuildConfig} says; does nothing for other content. */
  public void buildFromConfig(Config config) {
    List<Shape> shapes = BuildConfigs.shapes(label(), type, config);
    // Keras layers of several inputs may note the first alone: their call builds them
    boolean whole = config.has("shapes_dict") || shapes.size() >= type.requiredArgs();
    if (!shapes.isEmpty() && whole) {
      build(shapes.toArray(new Shape[0]));
    }
  }

  public final boolean supportsMasking() {
    return supportsMasking;
  }

  public final DTypePolicy policy() {
    return policy;
  }

  public final LayerType<?> type() {
    return type;
  }

  // ---------------------------------------------------------------- files

  /** A layer or model from a {@code .keras} file, with its weights. */
  public static Layer load(Path file, Registry registry) {
    try (SavedModel saved = ModelFiles.open(file)) {
      if (saved.config() == null
          || !(registry.restore(saved.config().without("compile_config"), saved.file())
              instanceof Layer layer)) {
        throw new ModelFormatException(
            saved.file() + ": expected a layer with its config. Received: something else");
      }
      if (saved.hasWeights()) {
        saved.load(layer, LoadOptions.STRICT.withOptimizer(false));
      }
      return layer;
    }
  }

  // ---------------------------------------------------------------- names and configs

  @Override
  public final String name() {
    String n = name;
    return n == null ? autoName() : n;
  }

  @Override
  public final boolean hasName() {
    return name != null;
  }

  @Override
  public final boolean hasGivenName() {
    return givenName;
  }

  @Override
  public final void setAutoName(String newName) {
    if (!givenName) {
      name = newName;
      for (Variable v : ownVariables()) {
        v.setPath(newName + "/" + v.name());
      }
    }
  }

  @Override
  public final String autoName() {
    return Names.snake(type.pythonName());
  }

  /** Class and name, as messages call the layer. */
  @Override
  public final String label() {
    return type.className() + (name == null ? "" : " '" + name + "'");
  }

  /** Everything the constructor read, defaults filled in, in Keras' order. */
  @Override
  public Config getConfig() {
    args.finish();
    return args.noted().with("name", name()).with("trainable", trainable());
  }

  @Override
  public Parameters parameters() {
    return new Parameters(type.className(), args, BASE_KEYS);
  }

  /** Whether the constructor reads an argument of this name. */
  public final boolean declares(String key) {
    return args.declared().containsKey(key);
  }

  /**
   * A layer with some parameters replaced, {@code name} or {@code name__inner}; this one if there
   * are no changes. Layers do not change: use the one that comes back.
   *
   * @throws ConfigException for a name that is none, and for a value that does not fit
   * @throws IllegalStateException if the layer is built, for the new one would not have its weights
   */
  @Override
  public Layer setParams(Map<String, ?> changes) {
    if (changes.isEmpty()) {
      return this;
    }
    Config replaced = Config.copyOf(parameters().replaced(changes, args.declared().keySet()));
    if (built) {
      throw new IllegalStateException(
          label()
              + ": parameters are set before the layer is built. Make a new layer from getConfig()"
              + " with the changes.");
    }
    return fromConfig(type, ((Config) Config.copied(args.given())).plus(replaced));
  }

  @Override
  public final Layer loadParams(Path file) {
    return (Layer) Learner.super.loadParams(file);
  }

  /** The class and its parameters, one a line; a model prints its layers. */
  @Override
  public String summary() {
    return parameters().summary();
  }

  /** What the constructor and {@code call} take, and the present values. */
  @Override
  public final String help() {
    return LayerHelp.of(this);
  }

  /** The signature of {@code call}, with Keras' defaults. */
  public final String callParams() {
    return LayerHelp.callSignature(type);
  }

  /** The envelope, with the build config of a built layer. */
  @Override
  public Object serialized() {
    Config c = type.envelope(getConfig());
    Config build = getBuildConfig();
    return build == null ? c : c.with("build_config", build);
  }

  /** A new layer of this class from its config. */
  public static <L extends Layer> L fromConfig(LayerType<L> type, Config config) {
    L layer = type.create(config);
    layer.args.finish();
    return layer;
  }

  @Override
  public Layer copy() {
    return copy(Config.EMPTY);
  }

  /** A layer with the same arguments but for some, inner objects copied too; no weights. */
  public final Layer copy(Config changes) {
    return fromConfig(type, ((Config) Config.copied(getConfig())).plus(changes));
  }

  @Override
  public void afterRestore(Config envelope) {
    args.finish();
    if (!built && envelope.get("build_config") instanceof Config b) {
      buildFromConfig(b);
    }
  }

  @Override
  public String toString() {
    return label();
  }

  /**
   * Optional arguments of a layer: methods that only set keys of a config.
   *
   * @param <L> the layer
   * @param <B> the builder itself
   */
  public abstract static class Builder<L extends Layer, B extends Builder<L, B>> {
    private Config config = Config.EMPTY;

    protected Builder() {}

    /** Sets an argument by its key in configs. */
    @SuppressWarnings("unchecked")
    public final B set(String key, Object value) {
      config = config.with(key, value);
      return (B) this;
    }

    /** The arguments set so far. */
    public final Config config() {
      return config;
    }

    /** The layer's name; without one it gets an automatic name. */
    public final B name(String name) {
      return set("name", name);
    }

    /** Whether training changes the weights; default true. */
    public final B trainable(boolean trainable) {
      return set("trainable", trainable);
    }

    /** A dtype or policy name such as {@code mixed_float16}; default float32. */
    public final B dtype(String dtype) {
      return set("dtype", dtype);
    }

    /** Makes the layer. */
    public abstract L build();
  }
}
