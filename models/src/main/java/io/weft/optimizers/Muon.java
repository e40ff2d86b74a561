package io.weft.optimizers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Momentum made orthogonal by Newton-Schulz steps for matrices (Jordan et al. 2024), AdamW for all
 * other variables.
 */
public final class Muon extends Optimizer {
  /** Far above what converges; a number out of a broken file would never end. */
  private static final int MOST_STEPS = 1000;

  public static final Entry<Muon> TYPE =
      new Entry<>(Optimizer.class, "keras.optimizers", "Muon", null, Muon::new);

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final List<Pattern> excluded = new ArrayList<>();
  private final double a;
  private final double b;
  private final double c;
  private final double adamRate;
  private final double mu;
  private final int steps;
  private final boolean nesterov;
  private final boolean excludeEmbeddings;
  private final Double adamDecay;
  private final Double rmsRate;
  private final List<Variable> momenta = new ArrayList<>();
  private final List<Variable> velocities = new ArrayList<>();

  public Muon(double learningRate) {
    this(Config.of("learning_rate", learningRate));
  }

  /** Restores from a config. */
  public Muon(Config config) {
    super(TYPE, config, 0.001, 0.004);
    beta1 = args.number("adam_beta_1", 0.9);
    beta2 = args.number("adam_beta_2", 0.999);
    epsilon = args.number("epsilon", 1e-7);
    Object words = args.any("exclude_layers", List.of());
    args.note("exclude_layers", words == null ? List.of() : words);
    if (words != null) {
      patterns(words);
    }
    a = args.number("muon_a", 3.4445);
    b = args.number("muon_b", -4.775);
    c = args.number("muon_c", 2.0315);
    adamRate = args.has("adam_lr_ratio") ? args.number("adam_lr_ratio") : 1;
    if (!args.has("adam_lr_ratio")) {
      args.note("adam_lr_ratio", 1L);
    }
    mu = args.number("momentum", 0.95);
    steps = args.integer("ns_steps", 5);
    if (steps > MOST_STEPS) {
      throw args.refuse("ns_steps", "an integer up to " + MOST_STEPS);
    }
    nesterov = args.bool("nesterov", true);
    excludeEmbeddings = args.bool("exclude_embeddings", true);
    adamDecay = args.numberOrNull("adam_weight_decay", 0.004);
    rmsRate = args.numberOrNull("rms_rate", 0.2);
  }

  private void patterns(Object words) {
    if (!(words instanceof List<?> l)) {
      throw args.refuse("exclude_layers", "a list of regular expressions");
    }
    for (Object o : l) {
      if (!(o instanceof String word)) {
        throw args.refuse("exclude_layers", "a list of regular expressions");
      }
      try {
        excluded.add(Pattern.compile(word));
      } catch (PatternSyntaxException e) {
        throw args.refuse("exclude_layers", "a list of regular expressions");
      }
    }
  }

  private boolean byAdam(Variable v) {
    return v.shape().rank() != 2
        || excludeEmbeddings && v.path().toLowerCase(java.util.Locale.ROOT).contains("embedding")
        || excluded.stream().anyMatch(p -> p.matcher(v.path()).find());
  }

  @Override
  protected void createSlots(List<Variable> variables) {
    for (Variable v : variables) {
      momenta.add(slot(v, "momentum", 0));
      velocities.add(byAdam(v) ? slot(v, "velocity", 0) : null);
    }
  }

  @Override
  protected Double weightDecay(Variable w) {
    return byAdam(w) ? adamDecay : super.weightDecay(w);
  }

  @Override
  protected void update(int i, Variable w, Tensor g, Tensor lr) {
    Variable slot = momenta.get(i);
    if (velocities.get(i) != null) {
      Tensor t = step(w.dtype());
      Tensor alpha = AdamBase.alpha(lr.times(adamRate), t, beta1, beta2);
      double[] constants = {beta1, beta2, epsilon};
      AdamBase.step(this, w, slot, velocities.get(i), g, alpha, constants);
      return;
    }
    Tensor m = set(slot, slot.raw().plus(g.plus(slot.raw().times(mu - 1))));
    Tensor x = lr.times(orthogonal(nesterov ? g.plus(m.times(mu)) : m));
    if (rmsRate != null) {
      double longer = Math.max(w.shape().dim(0), w.shape().dim(1));
      x = x.times((float) Math.sqrt(longer)).times(rmsRate);
    }
    set(w, w.raw().minus(x));
  }

  /** The nearest orthogonal matrix, roughly: {@code X ← aX + (bA + cA²)X, A = XXᵀ}. */
  private Tensor orthogonal(Tensor g) {
    boolean tall = g.dim(0) > g.dim(1);
    Tensor x = tall ? Ops.transpose(g) : g;
    x = x.divide(Ops.sqrt(Ops.sum(Ops.square(x))).plus(1e-7));
    for (int i = 0; i < steps; i++) {
      Tensor p = x.matmul(Ops.transpose(x));
      Tensor q = p.times(b).plus(p.times(c).matmul(p));
      x = x.times(a).plus(q.matmul(x));
    }
    return tall ? Ops.transpose(x) : x;
  }
}
