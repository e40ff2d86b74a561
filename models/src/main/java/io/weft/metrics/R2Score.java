package io.weft.metrics;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.losses.Reduction;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * The share of variance that predictions explain, {@code 1 − Σ(y−ŷ)²/Σ(y−ȳ)²}, of each column of
 * (batch, columns) or averaged, adjusted for a number of regressors if wanted.
 */
public final class R2Score extends Metric {
  public static final Entry<R2Score> TYPE =
      new Entry<>(Metric.class, "keras.metrics", "R2Score", null, R2Score::new);

  private final String aggregation;
  private final int regressors;
  private final Variable samples;
  private final List<Variable> sums = new ArrayList<>();

  public R2Score() {
    this(Config.EMPTY);
  }

  /** Restores from a config. */
  public R2Score(Config config) {
    super(TYPE, config, null);
    aggregation = args.stringOrNull("class_aggregation", "uniform_average");
    if (aggregation != null && !aggregation.matches("uniform_average|variance_weighted_average")) {
      throw args.refuse("class_aggregation", "null, uniform_average or variance_weighted_average");
    }
    regressors = args.integer("num_regressors", 0);
    if (regressors < 0) {
      throw args.refuse("num_regressors", "an integer that is not negative");
    }
    samples = state("num_samples", Shape.SCALAR);
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    Tensor[] a = Reduction.sameRank(Ops.cast(yTrue, dtype()), Ops.cast(yPred, dtype()));
    Tensor y = a[0];
    Tensor p = a[1];
    if (y.rank() != 2 || p.rank() != 2) {
      throw new ShapeException(
          "R2Score: expected targets and predictions (batch, columns). Received: "
              + y.shape()
              + ", "
              + p.shape());
    }
    if (sums.isEmpty()) {
      for (String n : List.of("squared_sum", "sum", "residual", "count")) {
        sums.add(state(n, Shape.of(p.dim(-1))));
      }
    }
    Tensor w = sampleWeight == null ? Tensor.scalar(1, dtype()) : Ops.cast(sampleWeight, dtype());
    w = Ops.broadcastTo(w.rank() == 1 ? Ops.expandDims(w, 1) : w, y.shape());
    Tensor weighted = y.times(w);
    add(sums.get(0), column(y.times(weighted)));
    add(sums.get(1), column(weighted));
    add(sums.get(2), column(Ops.square(y.minus(p)).times(w)));
    add(sums.get(3), column(w));
    add(samples, Tensor.scalar(y.shape().size(), dtype()));
  }

  private static Tensor column(Tensor x) {
    return Ops.sum(x, new int[] {0}, false);
  }

  @Override
  public Tensor result() {
    if (sums.isEmpty()) {
      return Tensor.scalar(0, dtype());
    }
    Tensor sum = sums.get(1).raw();
    Tensor total = sums.get(0).raw().minus(sum.times(sum.divide(sums.get(3).raw())));
    Tensor scores = Ops.oneMinus(sums.get(2).raw().divide(total));
    scores = Ops.where(Ops.equal(Ops.abs(scores), Double.POSITIVE_INFINITY), 0.0, scores);
    Tensor r2 =
        aggregation == null
            ? scores
            : aggregation.startsWith("uniform")
                ? Ops.mean(scores)
                : Ops.sum(total.times(scores)).divide(Ops.sum(total));
    if (regressors == 0) {
      return r2;
    }
    Tensor n = samples.raw();
    Tensor free = n.minus(regressors).minus(1);
    Tensor adjusted = Ops.oneMinus(Ops.oneMinus(r2).times(n.minus(1)).divide(free));
    // too few samples for the adjustment: the plain score stands
    return Ops.where(Ops.greater(free, 0), adjusted, r2);
  }

  @Override
  public Boolean rises() {
    return true;
  }
}
