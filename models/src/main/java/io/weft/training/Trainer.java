package io.weft.training;

import io.weft.autodiff.GradientTape;
import io.weft.compile.CompiledFunction;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.Measure;
import io.weft.metrics.Metric;
import io.weft.optimizers.LossScaleOptimizer;
import io.weft.optimizers.Optimizer;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Runs the captured steps of one model: predict, train, evaluate. Predicting is for any number of
 * threads; training is for one at a time (a second is refused).
 */
public final class Trainer {
  private final Layer model;
  private final List<String> outputNames;
  private final Map<String, CompiledFunction> trainSteps = new HashMap<>();
  private final Map<String, CompiledFunction> testSteps = new HashMap<>();
  private final CompiledFunction predict;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean stopped;
  private Integer resumed;
  private Compile compile;
  private Optimizer optimizer;
  private CompiledObjective objective;

  /** A trainer of a model whose outputs have these names, in flattening order. */
  public Trainer(Layer model, List<String> outputNames) {
    this.model = model;
    this.outputNames = List.copyOf(outputNames);
    this.predict =
        CompiledFunction.of(
            in -> {
              try {
                return unmasked(model.applyAll(in, CallArgs.training(false)));
              } finally {
                CallContext.clear();
              }
            });
  }

  private static List<Tensor> unmasked(List<Tensor> out) {
    List<Tensor> plain = new ArrayList<>(out.size());
    for (Tensor t : out) {
      plain.add(t.mask() == null ? t : t.withMask(null));
    }
    return plain;
  }

  public Layer layer() {
    return model;
  }

  /**
   * Sets what training uses; forgets the captured training steps.
   *
   * @param half whether the model computes in float16, which wants the loss scaled
   */
  public void compile(Compile newCompile, boolean half) {
    compile = newCompile;
    Optimizer given = newCompile.optimizer();
    boolean scale = half && given != null && !(given instanceof LossScaleOptimizer);
    optimizer = scale ? new LossScaleOptimizer(given) : given;
    objective = new CompiledObjective(newCompile, outputNames);
    trainSteps.clear();
    testSteps.clear();
  }

  /** The optimizer that training uses: the compiled one, or loss scaling around it; or null. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** What was compiled, or null. */
  public Compile compiled() {
    return compile;
  }

  private CompiledObjective objective() {
    if (objective == null) {
      throw new IllegalStateException(
          model.label() + ": not compiled. Call compile(optimizer, loss, metrics) first.");
    }
    return objective;
  }

  /** Ends the training after the present batch. */
  public void stop() {
    stopped = true;
  }

  /** Whether a metric should rise; null where it is not known. */
  Boolean metricRises(String name) {
    List<Measure> all = new ArrayList<>(objective().allMetrics());
    all.addAll(model.metrics());
    for (Measure each : all) {
      if (each instanceof Metric m && m.name().equals(name)) {
        return m.rises();
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- predict

  /** Results for a batch. */
  public List<Tensor> predictOnBatch(List<Tensor> x) {
    return predict.run(x);
  }

  /** Results for all rows, batch by batch. */
  public List<Tensor> predict(List<Tensor> x, int batchSize) {
    requireBatch("predict", batchSize);
    for (Tensor t : x) {
      if (t == null) {
        throw new ShapeException("predict: expected tensors. Received: null");
      }
    }
    Batches data = new Batches(x, List.of(), List.of());
    if (data.rows() <= batchSize) {
      return predict.run(x);
    }
    List<List<Tensor>> parts = new ArrayList<>();
    for (int at = 0; at < data.rows(); at += batchSize) {
      parts.add(predict.run(data.rows(at, Math.min(at + batchSize, data.rows()), null).x()));
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < parts.get(0).size(); i++) {
      int k = i;
      out.add(io.weft.tensor.Ops.concatenate(parts.stream().map(p -> p.get(k)).toList(), 0));
    }
    return out;
  }

  // ---------------------------------------------------------------- steps

  /** One step of training; the figures are of this batch alone. */
  public Logs trainOnBatch(List<Tensor> x, List<Tensor> y, List<Tensor> w) {
    return exclusively(
        () -> {
          resetMetrics();
          build(x);
          return Logs.of(step(trainSteps, true, new Batches.Batch(x, y, w, x.get(0).dim(0))));
        });
  }

  /** The figures of one batch. */
  public Logs testOnBatch(List<Tensor> x, List<Tensor> y, List<Tensor> w) {
    return exclusively(
        () -> {
          resetMetrics();
          return Logs.of(step(testSteps, false, new Batches.Batch(x, y, w, x.get(0).dim(0))));
        });
  }

  /** Makes the weights of a model that was not called yet: a step has to know them beforehand. */
  private void build(List<Tensor> x) {
    if (!model.isBuilt()) {
      List<TensorSpec> specs = new ArrayList<>();
      for (Tensor t : x) {
        if (t != null) {
          specs.add(new TensorSpec(t.shape().withDim(0, Shape.UNKNOWN), t.dtype()));
        }
      }
      model.build(specs, CallArgs.training(true));
    }
  }

  private <T> T exclusively(java.util.function.Supplier<T> body) {
    objective();
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          model.label() + ": is being trained or evaluated by another thread. Wait for it.");
    }
    try {
      return body.get();
    } finally {
      busy.set(false);
    }
  }

  private Map<String, Tensor> step(
      Map<String, CompiledFunction> steps, boolean train, Batches.Batch b) {
    List<Tensor> all = new ArrayList<>();
    StringBuilder present = new StringBuilder().append(trainableKey());
    for (List<Tensor> l : List.of(b.x(), b.y(), b.w())) {
      for (Tensor t : l) {
        present.append(t == null ? '-' : 'x');
        if (t != null) {
          all.add(t);
        }
      }
      present.append('|');
    }
    CompiledFunction f =
        steps.computeIfAbsent(
            present.toString(),
            k -> {
              List<String> names = new ArrayList<>();
              Function<List<Tensor>, List<Tensor>> body =
                  in -> {
                    Map<String, Tensor> r = body(unpack(in, b), train);
                    names.clear();
                    names.addAll(r.keySet());
                    return List.copyOf(r.values());
                  };
              resultNames.put(steps == trainSteps ? "t" + k : "e" + k, names);
              return CompiledFunction.of(body);
            });
    List<Tensor> out = f.run(all);
    List<String> names = resultNames.get((steps == trainSteps ? "t" : "e") + present);
    Map<String, Tensor> r = new LinkedHashMap<>();
    for (int i = 0; i < out.size(); i++) {
      r.put(names.get(i), out.get(i));
    }
    return r;
  }

  private final Map<String, List<String>> resultNames = new HashMap<>();

  /** Which weights are trainable is part of what a step is compiled for. */
  private String trainableKey() {
    StringBuilder s = new StringBuilder();
    for (Variable v : model.weights()) {
      s.append(v.trainable() ? 't' : 'f');
    }
    return s.append(model.trainable()).append(':').toString();
  }

  private static Batches.Batch unpack(List<Tensor> in, Batches.Batch like) {
    java.util.Iterator<Tensor> it = in.iterator();
    List<List<Tensor>> parts = new ArrayList<>();
    for (List<Tensor> l : List.of(like.x(), like.y(), like.w())) {
      List<Tensor> p = new ArrayList<>();
      l.forEach(t -> p.add(t == null ? null : it.next()));
      parts.add(p);
    }
    int rows = parts.get(0).get(0).dim(0);
    return new Batches.Batch(parts.get(0), parts.get(1), parts.get(2), rows);
  }

  private Map<String, Tensor> body(Batches.Batch b, boolean train) {
    try {
      if (!train) {
        List<Tensor> p = model.applyAll(b.x(), CallArgs.training(false));
        objective.loss(b.y(), p, b.w(), model.losses(), b.size());
        objective.update(b.y(), p, b.w());
        return objective.results(model.takeMetrics());
      }
      List<Variable> vars = model.trainableWeights();
      List<Tensor> sources = new ArrayList<>();
      List<Tensor> grads;
      List<Tensor> p;
      vars.forEach(v -> sources.add(v.raw()));
      try (GradientTape tape = GradientTape.open()) {
        p = model.applyAll(b.x(), CallArgs.training(true));
        Tensor loss = objective.loss(b.y(), p, b.w(), model.losses(), b.size());
        grads =
            vars.isEmpty()
                ? List.of()
                : tape.gradients(List.of(optimizer.scaleLoss(loss)), null, sources);
      }
      if (!vars.isEmpty()) {
        optimizer.apply(compile.summedSlices() ? Optimizer.summed(grads) : grads, vars);
      }
      objective.update(b.y(), p, b.w());
      return objective.results(model.takeMetrics());
    } finally {
      CallContext.clear();
    }
  }

  // ---------------------------------------------------------------- fit and evaluate

  /** Trains; data is flattened by the caller, entries of {@code w} may be null. */
  public History fit(List<Tensor> x, List<Tensor> y, List<Tensor> w, Validation held, Fit fit) {
    return exclusively(() -> train(new Batches(x, y, w), held, fit));
  }

  /** Data that is evaluated after epochs. */
  public record Validation(List<Tensor> x, List<Tensor> y, List<Tensor> w) {}

  private History train(Batches all, Validation given, Fit fit) {
    Batches data = all;
    Batches held = given == null ? null : new Batches(given.x(), given.y(), given.w());
    if (held == null && fit.validationSplit > 0) {
      int n = (int) Math.floor(all.rows() * (1 - fit.validationSplit));
      if (n == 0 || n == all.rows()) {
        throw new ConfigException(
            "fit: a validation split of "
                + fit.validationSplit
                + " of "
                + all.rows()
                + " rows leaves one part empty");
      }
      Batches[] parts = all.split(n);
      data = parts[0];
      held = parts[1];
    }
    if (data.rows() <= 0) {
      throw new ShapeException("fit: expected rows of data. Received: none");
    }
    build(data.x());
    optimizer.build(model.trainableWeights());
    History history = new History();
    List<Callback> callbacks = new ArrayList<>(fit.callbacks);
    callbacks.add(history);
    if (fit.verbose) {
      callbacks.add(new ProgressBar(System.out));
    }
    callbacks.forEach(c -> c.attach(this));
    stopped = false;
    resumed = null;
    callbacks.forEach(Callback::onTrainBegin);
    new EpochLoop(this, data, held, fit, callbacks).run();
    optimizer.finalizeVariables();
    callbacks.forEach(Callback::onTrainEnd);
    return history;
  }

  /** The epoch to begin with: the given one, unless a callback has resumed an earlier training. */
  int firstEpoch(int given) {
    return resumed == null ? given : resumed;
  }

  void resumeAt(int epoch) {
    resumed = epoch;
  }

  int stepsPerExecution() {
    return compile.stepsPerExecution();
  }

  boolean isStopped() {
    return stopped;
  }

  Map<String, Tensor> trainStep(Batches.Batch b) {
    return step(trainSteps, true, b);
  }

  void resetMetrics() {
    objective().reset();
    model.resetMetrics();
  }

  /** What is measured of the compiled losses and metrics; nothing before {@code compile}. */
  public List<Measure> measures() {
    return objective == null ? List.of() : objective.measures();
  }

  /** The figures of all rows. */
  public Logs evaluate(List<Tensor> x, List<Tensor> y, List<Tensor> w, int batchSize) {
    requireBatch("evaluate", batchSize);
    return exclusively(() -> evaluate(new Batches(x, y, w), batchSize, null));
  }

  private static void requireBatch(String who, int size) {
    if (size <= 0) {
      throw new ConfigException(who + ": expected a batch size from 1 on. Received: " + size);
    }
  }

  /** The figures of all rows, or of the first batches where {@code steps} is given. */
  Logs evaluate(Batches data, int batchSize, Integer steps) {
    resetMetrics();
    Map<String, Tensor> last = null;
    long end = steps == null ? data.rows() : Math.min(data.rows(), (long) steps * batchSize);
    for (int at = 0; at < end; at += batchSize) {
      last = step(testSteps, false, data.rows(at, Math.min(at + batchSize, data.rows()), null));
    }
    if (last == null) {
      throw new ShapeException("evaluate: expected rows of data. Received: none");
    }
    return Logs.of(last);
  }
}
