package io.weft.metrics;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * The weighted harmonic mean of precision and recall, {@code (1 + β²)·p·r/(β²p + r)}, for each
 * class or averaged; F1 has β = 1. Targets and predictions are (batch, classes); without a
 * threshold the likeliest class is the prediction.
 */
public final class FBetaScore extends Metric {
  public static final Entry<FBetaScore> TYPE =
      new Entry<>(
          Metric.class,
          "keras.metrics",
          "FBetaScore",
          null,
          c -> new FBetaScore(fbeta(), c, "fbeta_score"));
  public static final Entry<FBetaScore> F1 =
      new Entry<>(
          Metric.class, "keras.metrics", "F1Score", null, c -> new FBetaScore(f1(), c, "f1_score"));

  private final String average;
  private final double beta;
  private final Double threshold;
  private final List<Variable> sums = new ArrayList<>();

  private static Entry<FBetaScore> fbeta() {
    return TYPE;
  }

  private static Entry<FBetaScore> f1() {
    return F1;
  }

  private FBetaScore(Entry<?> type, Config config, String name) {
    super(type, config, name);
    average = args.stringOrNull("average", null);
    if (average != null && !average.matches("micro|macro|weighted")) {
      throw args.refuse("average", "null, micro, macro or weighted");
    }
    beta = type == F1 ? 1 : args.number("beta", 1.0);
    if (!(beta > 0)) {
      throw args.refuse("beta", "a positive number");
    }
    threshold = args.numberOrNull("threshold", null);
    if (threshold != null && !(threshold > 0 && threshold <= 1)) {
      throw args.refuse("threshold", "null or a number in (0, 1]");
    }
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    if (yTrue.rank() != 2 || yPred.rank() != 2) {
      throw new ShapeException(
          type().className()
              + ": expected targets and predictions (batch, classes). Received: "
              + yTrue.shape()
              + ", "
              + yPred.shape());
    }
    if (sums.isEmpty()) {
      Shape s = "micro".equals(average) ? Shape.SCALAR : Shape.of(yPred.dim(-1));
      for (String n :
          List.of("true_positives", "false_positives", "false_negatives", "intermediate_weights")) {
        sums.add(state(n, s));
      }
    }
    Tensor y = Ops.cast(yTrue, dtype());
    Tensor given = Ops.cast(yPred, dtype());
    Tensor said;
    if (threshold == null) {
      Tensor likeliest = Ops.greaterEqual(given, Ops.max(given, new int[] {-1}, true));
      said = Ops.logicalAnd(likeliest, Ops.greater(Ops.abs(given), 1e-9));
    } else {
      said = Ops.greater(given, threshold);
    }
    Tensor p = Ops.cast(said, dtype());
    add(sums.get(0), sum(p.times(y), sampleWeight));
    add(sums.get(1), sum(p.times(Ops.oneMinus(y)), sampleWeight));
    add(sums.get(2), sum(Ops.oneMinus(p).times(y), sampleWeight));
    add(sums.get(3), sum(y, sampleWeight));
  }

  private Tensor sum(Tensor x, Tensor weight) {
    Tensor w = weight == null ? x : x.times(Ops.expandDims(Ops.cast(weight, dtype()), 1));
    return "micro".equals(average) ? Ops.sum(w) : Ops.sum(w, new int[] {0}, false);
  }

  @Override
  public Tensor result() {
    if (sums.isEmpty()) {
      return Tensor.scalar(0, dtype());
    }
    Tensor tp = sums.get(0).raw();
    Tensor precision = tp.divide(tp.plus(sums.get(1).raw()).plus(1e-7));
    Tensor recall = tp.divide(tp.plus(sums.get(2).raw()).plus(1e-7));
    Tensor both = precision.times(recall);
    Tensor score =
        both.divide(precision.times(beta * beta).plus(recall).plus(1e-7)).times(1 + beta * beta);
    if ("weighted".equals(average)) {
      Tensor w = sums.get(3).raw();
      return Ops.sum(score.times(w.divide(Ops.sum(w).plus(1e-7))));
    }
    return average == null ? score : Ops.mean(score);
  }

  @Override
  public Boolean rises() {
    return true;
  }
}
