package io.weft.optimizers;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Names;
import io.weft.config.Restorable;
import io.weft.error.ShapeException;
import io.weft.format.Saveable;
import io.weft.layer.Constraint;
import io.weft.schedules.LearningRateSchedule;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The base of optimizers: learning rate, clipping, weight decay, averages, accumulation,
 * constraints and the order of state. A subclass makes its slots and says how one variable moves.
 * Works eagerly and in captures; one thread at a time.
 */
public abstract class Optimizer implements Configurable, Restorable, Saveable {
  /** The reader of this optimizer's config. */
  protected final Args args;

  private final Entry<?> type;
  private final Double weightDecay;
  private final Double clipNorm;
  private final Double globalClipNorm;
  private final Double clipValue;
  private final boolean useEma;
  private final double emaMomentum;
  private final Integer emaOverwriteFrequency;
  private Double lossScaleFactor;
  private final Integer accumulationSteps;
  private final LearningRateSchedule schedule;
  private final Variable iterations;
  private final Variable learningRate;
  private final List<Variable> own = new ArrayList<>();
  private final Map<Variable, Integer> index = new IdentityHashMap<>();
  private final List<Variable> averages = new ArrayList<>();
  private final List<Variable> accumulators = new ArrayList<>();
  private final List<Variable> undecayed = new ArrayList<>();
  private boolean built;
  private Tensor gate;
  private Tensor step;

  /** Reads the keys that all optimizers share. */
  protected Optimizer(Entry<?> type, Config config, double defaultRate, Double defaultDecay) {
    this.type = type;
    this.args = new Args(type.className(), config);
    String name = args.stringOrNull("name", null);
    args.note("name", name == null ? Names.snake(type.className()) : name);
    Object rate = args.any("learning_rate", defaultRate);
    if (rate instanceof Config) {
      args.objectOrNull("learning_rate", LearningRateSchedule.class, null);
      rate = args.noted().get("learning_rate");
    }
    if (rate instanceof LearningRateSchedule s) {
      schedule = s;
    } else if (rate instanceof Number) {
      schedule = null;
    } else {
      throw args.refuse("learning_rate", "a number or a schedule");
    }
    weightDecay = args.numberOrNull("weight_decay", defaultDecay);
    clipNorm = args.numberOrNull("clipnorm", null);
    globalClipNorm = args.numberOrNull("global_clipnorm", null);
    clipValue = args.numberOrNull("clipvalue", null);
    useEma = args.bool("use_ema", false);
    emaMomentum = args.number("ema_momentum", 0.99);
    emaOverwriteFrequency = args.integerOrNull("ema_overwrite_frequency", null);
    lossScaleFactor = args.numberOrNull("loss_scale_factor", null);
    accumulationSteps = args.integerOrNull("gradient_accumulation_steps", null);
    checkBase();
    iterations = new Variable("iteration", Tensor.scalar(0L), false);
    iterations.setPath(name() + "/iteration");
    learningRate =
        schedule != null
            ? null
            : new Variable("learning_rate", Tensor.scalar(((Number) rate).floatValue()), false);
    own.add(iterations);
    if (learningRate != null) {
      learningRate.setPath(name() + "/learning_rate");
      own.add(learningRate);
    }
  }

  private void checkBase() {
    int clips =
        (clipNorm == null ? 0 : 1) + (globalClipNorm == null ? 0 : 1) + (clipValue == null ? 0 : 1);
    if (clips > 1) {
      throw args.refuse("clipnorm", "the only one of clipnorm, global_clipnorm, clipvalue");
    }
    if (accumulationSteps != null && accumulationSteps < 2) {
      throw args.refuse("gradient_accumulation_steps", "null or an integer above 1");
    }
    if (useEma && (emaMomentum < 0 || emaMomentum > 1)) {
      throw args.refuse("ema_momentum", "a number in [0, 1]");
    }
    if (emaOverwriteFrequency != null && emaOverwriteFrequency < 1) {
      throw args.refuse("ema_overwrite_frequency", "null or a positive integer");
    }
  }

  // ---------------------------------------------------------------- to be written by subclasses

  /** Makes the slots, with {@link #slot} and {@link #slots}. */
  protected abstract void createSlots(List<Variable> variables);

  /**
   * Moves one variable.
   *
   * @param i the variable's position among those the optimizer was built with
   * @param lr the learning rate in the variable's dtype
   */
  protected abstract void update(int i, Variable w, Tensor gradient, Tensor lr);

  /** Called once a step before the variables are updated. */
  protected void beforeUpdates(Tensor lr) {}

  // ---------------------------------------------------------------- for subclasses

  /** A slot like a variable, starting at one value. */
  protected final Variable slot(Variable like, String name, double start) {
    return slot(like, name, like.shape(), like.dtype(), start);
  }

  /** A slot of any spec. */
  protected final Variable slot(
      Variable like, String name, Shape shape, DType dtype, double start) {
    Variable v = new Variable(name, Ops.full(shape, start, dtype), false);
    v.setPath(name() + "/" + (like == null ? "" : like.path().replace('/', '_') + "_") + name);
    own.add(v);
    return v;
  }

  /** One slot for each variable, in a row. */
  protected final List<Variable> slots(List<Variable> variables, String name, double start) {
    List<Variable> out = new ArrayList<>();
    variables.forEach(v -> out.add(slot(v, name, start)));
    return out;
  }

  /** A row of slots for each name, kept side by side: a₁ b₁ a₂ b₂ …; they start at 0. */
  protected final List<List<Variable>> interleaved(List<Variable> variables, String... names) {
    List<List<Variable>> rows = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      rows.add(new ArrayList<>());
    }
    for (Variable v : variables) {
      for (int i = 0; i < names.length; i++) {
        rows.get(i).add(slot(v, names[i], 0));
      }
    }
    return rows;
  }

  /** g², of each look-up by itself where g is the gradient of an embedding table. */
  protected static Tensor squared(Tensor g) {
    return Slices.sum(g, Ops::square);
  }

  /** The number of the step, from 1, in a dtype. */
  protected final Tensor step(DType dtype) {
    return Ops.cast(Ops.add(step, 1), dtype);
  }

  /** Assigns, unless this call only accumulates gradients. */
  protected final Tensor set(Variable v, Tensor value) {
    Tensor t = gate == null ? value : Ops.where(gate, value, v.raw());
    v.assign(t);
    return value;
  }

  /** Whether weight decay applies to a variable. */
  protected boolean decays(Variable w) {
    return !undecayed.contains(w);
  }

  /** The rate of weight decay for a variable; null for none. */
  protected Double weightDecay(Variable w) {
    return weightDecay;
  }

  // ---------------------------------------------------------------- use

  /**
   * Gradients with which {@link #apply} takes all look-ups of one row of an embedding table
   * together. Left as they are, gradients of a captured step are squared look-up by look-up, as
   * Keras on TensorFlow does; Keras on JAX or PyTorch and eager steps sum them first.
   */
  public static List<Tensor> summed(List<Tensor> gradients) {
    List<Tensor> out = new ArrayList<>();
    gradients.forEach(g -> out.add(g == null ? null : Ops.stopGradient(g)));
    return out;
  }

  /** Makes the state for these variables; done by the first {@link #apply} otherwise. */
  public final void build(List<Variable> variables) {
    if (built) {
      return;
    }
    args.finish();
    variables.forEach(v -> index.put(v, index.size()));
    if (useEma) {
      for (Variable v : variables) {
        Variable a = slot(v, "average", 0);
        averages.add(a);
      }
    }
    if (accumulationSteps != null) {
      accumulators.addAll(slots(variables, "gradient_accumulator", 0));
    }
    createSlots(variables);
    built = true;
  }

  public final boolean isBuilt() {
    return built;
  }

  /** Leaves variables out of weight decay; call it before the first step. */
  public void excludeFromWeightDecay(List<Variable> variables) {
    undecayed.addAll(variables);
  }

  /** One step: moves each variable by its gradient; a variable with a null gradient stays. */
  public void apply(List<Tensor> gradients, List<Variable> variables) {
    build(variables);
    List<Tensor> g = new ArrayList<>();
    List<Variable> vars = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      Variable v = variables.get(i);
      if (!index.containsKey(v)) {
        throw new ShapeException(
            type.className()
                + ": the optimizer was built for other variables. Received: "
                + v.path()
                + ". Make a new optimizer, or compile again.");
      }
      if (gradients.get(i) != null) {
        g.add(Ops.cast(gradients.get(i), v.dtype()));
        vars.add(v);
      }
    }
    if (vars.isEmpty()) {
      throw new ShapeException(
          type.className() + ": no variable has a gradient. Does the loss depend on the weights?");
    }
    if (lossScaleFactor != null) {
      g.replaceAll(t -> t.divide(lossScaleFactor));
    }
    Tensor raw = iterations.raw();
    step = accumulationSteps == null ? raw : Ops.floorDivide(raw, accumulationSteps);
    try {
      if (accumulationSteps != null) {
        accumulate(g, vars, raw);
      }
      move(clipped(g), vars);
      gate = null;
      average();
    } finally {
      gate = null;
      step = null;
    }
    for (Variable v : vars) {
      if (v.constraint() instanceof Constraint c) {
        v.assign(c.apply(v.raw()));
      }
    }
    iterations.assign(Ops.add(raw, 1));
  }

  private void accumulate(List<Tensor> g, List<Variable> vars, Tensor raw) {
    gate = Ops.equal(Ops.mod(Ops.add(raw, 1), accumulationSteps), 0);
    for (int i = 0; i < g.size(); i++) {
      Variable acc = accumulators.get(index.get(vars.get(i)));
      Tensor sum = g.get(i).plus(acc.raw());
      acc.assign(Ops.where(gate, Ops.zerosLike(sum), sum));
      g.set(i, sum.divide(accumulationSteps));
    }
  }

  private void move(List<Tensor> g, List<Variable> vars) {
    Tensor lr = learningRateNow();
    for (Variable v : vars) {
      Double decay = weightDecay(v);
      if (decay != null && decays(v)) {
        Tensor w = v.raw();
        set(v, w.minus(w.times(decay).times(Ops.cast(lr, v.dtype()))));
      }
    }
    beforeUpdates(lr);
    for (int i = 0; i < g.size(); i++) {
      Variable v = vars.get(i);
      update(index.get(v), v, g.get(i), Ops.cast(lr, v.dtype()));
    }
  }

  private Tensor learningRateNow() {
    return schedule == null ? learningRate.raw() : schedule.at(iterations.raw());
  }

  private List<Tensor> clipped(List<Tensor> g) {
    List<Tensor> out = new ArrayList<>();
    if (clipValue != null) {
      g.forEach(t -> out.add(Ops.clip(t, -clipValue, clipValue)));
    } else if (clipNorm != null) {
      for (Tensor t : g) {
        Tensor norm = Ops.sqrt(Ops.sum(squared(t)));
        out.add(t.times(clipNorm).divide(Ops.maximum(norm, clipNorm)));
      }
    } else if (globalClipNorm != null) {
      Tensor total = null;
      for (Tensor t : g) {
        Tensor s = Ops.sum(Ops.square(t));
        total = total == null ? s : total.plus(Ops.cast(s, total.dtype()));
      }
      Tensor norm = Ops.sqrt(total);
      Tensor scale = Ops.minimum(Ops.divide(1.0, norm), 1.0 / globalClipNorm).times(globalClipNorm);
      // an infinite norm gives NaN everywhere, as in Keras
      scale = scale.plus(norm.minus(norm));
      Tensor s = scale;
      g.forEach(t -> out.add(t.times(Ops.cast(s, t.dtype()))));
    } else {
      return g;
    }
    return out;
  }

  private void average() {
    if (!useEma) {
      return;
    }
    Tensor first = Ops.equal(step, 0);
    for (Map.Entry<Variable, Integer> e : sortedIndex()) {
      Variable avg = averages.get(e.getValue());
      Variable v = e.getKey();
      Tensor m = Ops.where(first, 0.0, emaMomentum);
      m = Ops.cast(m, v.dtype());
      avg.assign(m.times(avg.raw()).plus(Ops.oneMinus(m).times(v.raw())));
      if (emaOverwriteFrequency != null) {
        Tensor now = Ops.equal(Ops.mod(Ops.add(step, 1), emaOverwriteFrequency), 0);
        v.assign(Ops.where(now, avg.raw(), v.raw()));
      }
    }
  }

  private List<Map.Entry<Variable, Integer>> sortedIndex() {
    List<Map.Entry<Variable, Integer>> l = new ArrayList<>(index.entrySet());
    l.sort(Map.Entry.comparingByValue());
    return l;
  }

  /** Leaves the scaling of the loss to an optimizer around this one. */
  final void dropLossScale() {
    lossScaleFactor = null;
    args.note("loss_scale_factor", null);
  }

  /** The loss times the factor that keeps small gradients of half types from vanishing. */
  public Tensor scaleLoss(Tensor loss) {
    return lossScaleFactor == null ? loss : loss.times(lossScaleFactor);
  }

  /** At the end of training: averages become the weights, where averages are kept. */
  public void finalizeVariables() {
    if (useEma) {
      for (Map.Entry<Variable, Integer> e : sortedIndex()) {
        e.getKey().assign(averages.get(e.getValue()).raw());
      }
    }
  }

  /** Weights and their averages change places. */
  public void swapAverages() {
    requireAverages();
    for (Map.Entry<Variable, Integer> e : sortedIndex()) {
      Tensor w = e.getKey().raw();
      e.getKey().assign(averages.get(e.getValue()).raw());
      averages.get(e.getValue()).assign(w);
    }
  }

  /** Averages begin again at the present weights. */
  public void resetAverages() {
    requireAverages();
    sortedIndex().forEach(e -> averages.get(e.getValue()).assign(e.getKey().raw()));
  }

  private void requireAverages() {
    if (!useEma) {
      throw new IllegalStateException(
          type.className() + ": averages are not kept. Make the optimizer with use_ema=true.");
    }
  }

  // ---------------------------------------------------------------- state

  /** State in the order of files: iteration, learning rate, averages, accumulators, slots. */
  public List<Variable> variables() {
    return Collections.unmodifiableList(own);
  }

  /** The number of steps taken. */
  public long iterations() {
    return iterations.concrete().toLongArray()[0];
  }

  /** The present learning rate. */
  public double learningRate() {
    return schedule == null
        ? learningRate.concrete().item()
        : schedule.at(iterations.concrete()).item();
  }

  /** Sets the learning rate; refused where a schedule decides. */
  public void setLearningRate(double rate) {
    if (learningRate == null) {
      throw new IllegalStateException(
          type.className() + ": the learning rate comes from a schedule and cannot be set.");
    }
    learningRate.assign(
        Tensor.ofTrusted(new HostArray(DType.FLOAT32, Shape.SCALAR, new float[] {(float) rate})));
  }

  @Override
  public final String name() {
    return (String) args.noted().get("name");
  }

  @Override
  public final String autoName() {
    return Names.snake(type.className());
  }

  @Override
  public final List<Variable> savedVariables() {
    return variables();
  }

  @Override
  public Map<String, Object> savedChildren() {
    return Map.of();
  }

  @Override
  public final boolean keepsStateOnMismatch() {
    return true;
  }

  @Override
  public Config getConfig() {
    args.finish();
    Config c = args.noted();
    return learningRate == null ? c : c.with("learning_rate", learningRate.concrete().item());
  }

  @Override
  public final Object serialized() {
    return type.envelope(getConfig());
  }

  @Override
  public final void afterRestore(Config envelope) {
    args.finish();
  }

  @Override
  public final String toString() {
    return type.className() + getConfig();
  }
}
