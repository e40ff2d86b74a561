package io.weft.models;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.format.ModelFiles;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Measure;
import io.weft.layer.Node;
import io.weft.layer.Structure;
import io.weft.layers.core.InputLayer;
import io.weft.optimizers.Optimizer;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.training.ClassWeights;
import io.weft.training.Compile;
import io.weft.training.Dataset;
import io.weft.training.Fit;
import io.weft.training.History;
import io.weft.training.Logs;
import io.weft.training.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer made of layers that can be trained, evaluated, asked for predictions and saved. Data are
 * tensors, or nests (lists, maps by name) of them in the form of the model's inputs and outputs.
 * {@code predict} is for any number of threads, training for one at a time.
 */
public abstract class Model extends Layer {
  private Trainer trainer;

  protected Model(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** The layers, in Keras' order; ops are not among them. */
  public abstract List<Layer> layers();

  /** The names of the outputs in flattening order: keys of losses, metrics and logs. */
  public List<String> outputNames() {
    return List.of("output");
  }

  /** The compiled losses and metrics, then those of the layers. */
  @Override
  public final List<Measure> metrics() {
    List<Measure> all = new ArrayList<>(trainer().measures());
    all.addAll(super.metrics());
    return all;
  }

  // ---------------------------------------------------------------- graph

  /**
   * The model's own inputs in flattening order; none for a model without a graph: a subclassed one,
   * or a {@link Sequential} that is not built.
   */
  public List<KerasTensor> flatInputs() {
    return List.of();
  }

  /** The model's own outputs in flattening order; none for a model without a graph. */
  public List<KerasTensor> flatOutputs() {
    return List.of();
  }

  /** The model's own inputs: one Keras tensor or a nest of them. */
  public Object inputs() {
    return nest("inputs", flatInputs());
  }

  /** The model's own outputs: one Keras tensor or a nest of them. */
  public Object outputs() {
    return nest("outputs", flatOutputs());
  }

  private Object nest(String what, List<KerasTensor> all) {
    if (all.isEmpty()) {
      throw new IllegalStateException(
          label()
              + ": "
              + what
              + ": expected a model with a graph. Received: one without. Build it for known shapes,"
              + " or make a Functional of it.");
    }
    return all.size() == 1 ? all.get(0) : all;
  }

  private static KerasTensor one(String who, String what, List<KerasTensor> all) {
    if (all.size() != 1) {
      throw new IllegalStateException(
          who
              + ": expected one of "
              + what
              + ". Received: "
              + all.size()
              + ". Use "
              + what
              + "().");
    }
    return all.get(0);
  }

  /** The model's own input; without a graph what the call got, as of any layer. */
  @Override
  public KerasTensor input() {
    return flatInputs().isEmpty() ? super.input() : one(label(), "inputs", flatInputs());
  }

  /** The model's own output; without a graph what the call gave, as of any layer. */
  @Override
  public KerasTensor output() {
    return flatOutputs().isEmpty() ? super.output() : one(label(), "outputs", flatOutputs());
  }

  @Override
  public Shape inputShape() {
    return flatInputs().isEmpty() ? super.inputShape() : input().shape();
  }

  @Override
  public Shape outputShape() {
    return flatOutputs().isEmpty() ? super.outputShape() : output().shape();
  }

  @Override
  public Tensor inputMask() {
    return flatInputs().isEmpty() ? super.inputMask() : Node.maskOf(input());
  }

  @Override
  public Tensor outputMask() {
    return flatOutputs().isEmpty() ? super.outputMask() : Node.maskOf(output());
  }

  /** The layer of a name. */
  public final Layer getLayer(String name) {
    for (Layer l : layers()) {
      if (l.name().equals(name)) {
        return l;
      }
    }
    throw new ConfigException(
        label()
            + ": expected the name of one of "
            + layers().stream().map(Layer::name).toList()
            + ". Received: '"
            + name
            + "'");
  }

  /** The table of layers that Keras prints. */
  @Override
  public final String summary() {
    return Summary.of(this);
  }

  /** The trainer of this model. */
  public final synchronized Trainer trainer() {
    if (trainer == null) {
      trainer = new Trainer(this, outputNames());
    }
    return trainer;
  }

  // ---------------------------------------------------------------- training

  /** Sets optimizer, loss and metrics; see {@link Compile} for several outputs. */
  public final void compile(Optimizer optimizer, Object loss, Object... metrics) {
    compile(
        Compile.with(optimizer)
            .loss(loss)
            .metrics(metrics.length == 0 ? null : Arrays.asList(metrics)));
  }

  public final void compile(Compile compile) {
    if (compile.optimizer() == null) {
      throw new ConfigException(label() + ": compile: expected an optimizer. Received: null");
    }
    trainer().compile(compile, halfPrecision());
  }

  /**
   * Whether Keras would scale the loss: the model's policy is mixed_float16. Functional configs
   * have no policy, so that of most layers stands for the global one they were made under.
   */
  private boolean halfPrecision() {
    List<Layer> all = layers().stream().filter(l -> !(l instanceof InputLayer)).toList();
    long half = all.stream().filter(Model::isHalf).count();
    return isHalf(this) || half * 2 > all.size();
  }

  private static boolean isHalf(Layer l) {
    return l.policy().name().equals("mixed_float16");
  }

  /** The optimizer, or null before {@code compile}. */
  public final Optimizer optimizer() {
    return trainer().optimizer();
  }

  /** Trains for some epochs. */
  public final History fit(Object x, Object y, Fit fit) {
    List<Tensor> fx = inputs(x);
    List<Tensor> fy = targets(y);
    List<Tensor> w = weights(fit.sampleWeight(), fy.size());
    if (fit.classWeight() != null) {
      w = Collections.singletonList(ClassWeights.of(fit.classWeight(), fy, w));
    }
    Trainer.Validation held = null;
    if (fit.validationX() != null) {
      List<Tensor> vy = targets(fit.validationY());
      held =
          new Trainer.Validation(
              inputs(fit.validationX()), vy, weights(fit.validationWeight(), vy.size()));
    }
    return trainer().fit(fx, fy, w, held, fit);
  }

  /** Trains on a data set, which says the batch size and the order. */
  public final History fit(Dataset data, Fit fit) {
    return fit(data.x(), data.y(), data.configure(fit));
  }

  /** The loss and metrics on a data set. */
  public final Logs evaluate(Dataset data) {
    return evaluate(data.x(), data.y(), data.weight(), data.batchSize());
  }

  /** Results for all rows of a data set, in the form of the model's outputs. */
  public final Object predict(Dataset data) {
    return predictNest(data.x(), data.batchSize());
  }

  /** The loss and metrics on data, in batches of 32. */
  public final Logs evaluate(Object x, Object y) {
    return evaluate(x, y, null, 32);
  }

  /** The loss and metrics on data; {@code sampleWeight} may be null. */
  public final Logs evaluate(Object x, Object y, Object sampleWeight, int batchSize) {
    List<Tensor> fy = targets(y);
    return trainer().evaluate(inputs(x), fy, weights(sampleWeight, fy.size()), batchSize);
  }

  /** One training step on one batch; the figures are of this batch. */
  public final Logs trainOnBatch(Object x, Object y, Object sampleWeight) {
    List<Tensor> fy = targets(y);
    return trainer().trainOnBatch(inputs(x), fy, weights(sampleWeight, fy.size()));
  }

  /** The figures of one batch. */
  public final Logs testOnBatch(Object x, Object y, Object sampleWeight) {
    List<Tensor> fy = targets(y);
    return trainer().testOnBatch(inputs(x), fy, weights(sampleWeight, fy.size()));
  }

  // ---------------------------------------------------------------- predictions

  /** The result for all rows, of a model with one output. */
  public final Tensor predict(Tensor... x) {
    List<Tensor> out = trainer().predict(Arrays.asList(x), 32);
    if (out.size() != 1) {
      throw new IllegalStateException(
          label() + ": has " + out.size() + " outputs. Use predictAll.");
    }
    return out.get(0);
  }

  /** Results for all rows in the form of the model's outputs. */
  public final Object predictNest(Object x, int batchSize) {
    return outputStructure(trainer().predict(inputs(x), batchSize));
  }

  /** Results for all rows in flattening order. */
  public final List<Tensor> predictAll(List<Tensor> x, int batchSize) {
    return trainer().predict(x, batchSize);
  }

  // ---------------------------------------------------------------- data

  private List<Tensor> inputs(Object x) {
    return x instanceof Tensor t ? List.of(t) : flatten(x);
  }

  /** Targets for each output, null where there is none. */
  private List<Tensor> targets(Object y) {
    if (y == null) {
      return Collections.nCopies(outputNames().size(), null);
    }
    return perOutput(y, "targets");
  }

  private List<Tensor> weights(Object w, int outputs) {
    if (w == null) {
      return Collections.nCopies(outputs, null);
    }
    return w instanceof Tensor t ? Collections.nCopies(outputs, t) : perOutput(w, "sample weights");
  }

  private List<Tensor> perOutput(Object nest, String what) {
    List<String> names = outputNames();
    if (nest instanceof Map<?, ?> m && m.keySet().stream().anyMatch(names::contains)) {
      for (Object k : m.keySet()) {
        if (!names.contains(k)) {
          throw new ShapeException(
              label()
                  + ": "
                  + what
                  + ": expected names of outputs "
                  + names
                  + ". Received: '"
                  + k
                  + "'");
        }
      }
      List<Tensor> out = new ArrayList<>();
      names.forEach(n -> out.add((Tensor) m.get(n)));
      return out;
    }
    List<Tensor> out = new ArrayList<>();
    for (Object o : Structure.leaves(nest)) {
      if (o != null && !(o instanceof Tensor)) {
        throw new ShapeException(label() + ": " + what + ": expected tensors. Received: " + o);
      }
      out.add((Tensor) o);
    }
    return out;
  }

  // ---------------------------------------------------------------- files

  /** Saves weights and optimizer state to a name that ends with {@code .weights.h5}. */
  public final void saveWeights(Path file) {
    if (!file.toString().endsWith(".weights.h5")) {
      throw new ConfigException(
          label() + ": saveWeights expects a name that ends with .weights.h5. Received: " + file);
    }
    ModelFiles.write(file, this);
  }

  /** The layers, and the optimizer of a compiled model. */
  @Override
  public Map<String, Object> savedChildren() {
    Map<String, Object> all = new LinkedHashMap<>(children());
    Optimizer optimizer = optimizer();
    if (optimizer != null) {
      all.put("optimizer", optimizer);
    }
    return all;
  }

  @Override
  public Object serialized() {
    Config c = (Config) super.serialized();
    Compile compiled = trainer().compiled();
    return c.with("compile_config", compiled == null ? Config.EMPTY : compiled.toConfig());
  }

  /** Compiles as a file says, and makes the optimizer's state if the weights exist. */
  public final void compileFromConfig(Config config, Registry registry) {
    compile(Compile.fromConfig(config, registry));
    if (isBuilt()) {
      optimizer().build(trainableWeights());
    }
  }
}
