package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Multiplies the loss by a factor that keeps small float16 gradients from vanishing, and divides
 * the gradients by it. A step whose gradients are not finite changes nothing and halves the factor;
 * after some finite steps in a row the factor is doubled.
 */
public final class LossScaleOptimizer extends Optimizer {
  public static final Entry<LossScaleOptimizer> TYPE =
      new Entry<>(
          Optimizer.class, "keras.optimizers", "LossScaleOptimizer", null, LossScaleOptimizer::new);

  private final Optimizer inner;
  private final double initialScale;
  private final int growthSteps;
  private Variable counter;
  private Variable scale;

  /** Scales the loss for an optimizer. */
  public LossScaleOptimizer(Optimizer inner) {
    this(Config.of("inner_optimizer", inner));
  }

  /** Restores from a config. */
  public LossScaleOptimizer(Config config) {
    super(TYPE, config, 0.0, null);
    inner = args.object("inner_optimizer", Optimizer.class, null);
    initialScale = args.number("initial_scale", 32768.0);
    growthSteps = args.positiveInt("dynamic_growth_steps", 2000);
    refuseBaseOptions();
    inner.dropLossScale();
  }

  private void refuseBaseOptions() {
    Config noted = args.noted();
    for (String key :
        List.of(
            "weight_decay",
            "clipnorm",
            "global_clipnorm",
            "clipvalue",
            "ema_overwrite_frequency",
            "loss_scale_factor",
            "gradient_accumulation_steps")) {
      if (noted.get(key) != null) {
        throw args.refuse(key, "null here and given to the inner optimizer");
      }
    }
    if (Boolean.TRUE.equals(noted.get("use_ema"))) {
      throw args.refuse("use_ema", "false here and given to the inner optimizer");
    }
  }

  /** The optimizer whose loss is scaled. */
  public Optimizer inner() {
    return inner;
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    counter = slot(null, "step_counter", Shape.SCALAR, DType.INT64, 0);
    scale = slot(null, "dynamic_scale", Shape.SCALAR, DType.FLOAT32, initialScale);
    inner.build(variables);
  }

  @Override
  protected void update(int i, Variable w, Tensor gradient, Tensor lr) {
    throw new IllegalStateException("LossScaleOptimizer: the inner optimizer moves variables.");
  }

  @Override
  public Tensor scaleLoss(Tensor loss) {
    return loss.times(isBuilt() ? scale.raw() : Tensor.scalar((float) initialScale));
  }

  @Override
  public void apply(List<Tensor> gradients, List<Variable> variables) {
    build(variables);
    Tensor finite = null;
    List<Tensor> g = new ArrayList<>();
    for (Tensor t : gradients) {
      g.add(t == null ? null : t.divide(Ops.cast(scale.raw(), t.dtype())));
      if (t != null) {
        // x − x is 0 for finite numbers alone
        Tensor all = Ops.all(Ops.equal(t.minus(t), 0), null, false);
        finite = finite == null ? all : Ops.logicalAnd(finite, all);
      }
    }
    Set<Variable> touched = new LinkedHashSet<>(variables);
    touched.addAll(inner.variables());
    List<Tensor> before = touched.stream().map(Variable::raw).toList();
    inner.apply(g, variables);
    Tensor keep = finite;
    int i = 0;
    for (Variable v : touched) {
      v.assign(Ops.where(keep, v.raw(), before.get(i++)));
    }
    Tensor grow = Ops.logicalAnd(keep, Ops.equal(counter.raw(), growthSteps - 1));
    Tensor next = Ops.where(grow, scale.raw().times(2), scale.raw());
    scale.assign(Ops.where(keep, next, scale.raw().times(0.5)));
    Tensor on = Ops.logicalAnd(keep, Ops.logicalNot(grow));
    counter.assign(Ops.cast(Ops.where(on, Ops.add(counter.raw(), 1), 0), DType.INT64));
  }

  @Override
  public List<Variable> variables() {
    List<Variable> all = new ArrayList<>(super.variables());
    all.addAll(inner.variables());
    return all;
  }

  @Override
  public Map<String, Object> savedChildren() {
    return Map.of("inner_optimizer", inner);
  }

  @Override
  public long iterations() {
    return inner.iterations();
  }

  @Override
  public double learningRate() {
    return inner.learningRate();
  }

  @Override
  public void setLearningRate(double rate) {
    inner.setLearningRate(rate);
  }

  @Override
  public void finalizeVariables() {
    inner.finalizeVariables();
  }

  @Override
  public void swapAverages() {
    inner.swapAverages();
  }

  @Override
  public void resetAverages() {
    inner.resetAverages();
  }

  @Override
  public void excludeFromWeightDecay(List<Variable> variables) {
    inner.excludeFromWeightDecay(variables);
  }

  @Override
  public Config getConfig() {
    args.finish();
    Config c = args.noted();
    return Config.of(
        "name",
        c.get("name"),
        "inner_optimizer",
        inner,
        "initial_scale",
        c.get("initial_scale"),
        "dynamic_growth_steps",
        c.get("dynamic_growth_steps"));
  }
}
