package io.weft.metrics;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.losses.Reduction;
import io.weft.metrics.ConfusionCounts.Counts;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.Locale;

/** The area under the ROC, precision-recall or gain curve, from counts at thresholds. */
public final class Auc extends Metric {
  public static final Entry<Auc> TYPE =
      new Entry<>(Metric.class, "keras.metrics", "AUC", null, Auc::new);

  private final ConfusionCounts counts;
  private final String curve;
  private final String method;
  private final boolean byLabel;
  private final Integer labels;
  private final Tensor labelWeights;
  private final boolean logits;
  private Variable[] state;

  public Auc() {
    this(Config.EMPTY);
  }

  /** Restores from a config. */
  public Auc(Config config) {
    super(TYPE, config, null);
    int n = ConfusionCounts.checkedCount(args, args.integer("num_thresholds", 200));
    curve = args.string("curve", "ROC").toUpperCase(Locale.ROOT);
    args.note("curve", curve);
    method = args.string("summation_method", "interpolation").toLowerCase(Locale.ROOT);
    args.note("summation_method", method);
    byLabel = args.bool("multi_label", false);
    labels = args.integerOrNull("num_labels", null);
    labelWeights = labelWeights();
    logits = args.bool("from_logits", false);
    if (!List.of("ROC", "PR", "PRGAIN").contains(curve)) {
      throw args.refuse("curve", "ROC, PR or PRGAIN");
    }
    if (!List.of("interpolation", "majoring", "minoring").contains(method)) {
      throw args.refuse("summation_method", "interpolation, majoring or minoring");
    }
    if (labels != null && labels != 0 && !byLabel) {
      throw args.refuse("num_labels", "null unless multi_label is true");
    }
    counts = counts(n);
    if (!byLabel || labels != null && labels != 0) {
      build(labels == null ? 0 : labels);
    }
  }

  /** Thresholds in [0, 1], with an end point below and one above. */
  private ConfusionCounts counts(int given) {
    boolean own = args.has("thresholds") && args.any("thresholds", null) != null;
    double[] inner = own ? ConfusionMetric.thresholds(args, 0.5) : null;
    int n = own ? inner.length + 2 : given;
    if (n < 2) {
      throw args.refuse("num_thresholds", "an integer above 1");
    }
    double[] t = ConfusionCounts.even(n);
    if (own) {
      java.util.Arrays.sort(inner);
      args.note("num_thresholds", (long) n);
      args.note("thresholds", java.util.Arrays.stream(inner).boxed().toList());
      System.arraycopy(inner, 0, t, 1, inner.length);
    } else {
      args.forget("thresholds");
    }
    boolean even = !own || ConfusionCounts.isEven(t);
    t[0] = -1e-7;
    t[n - 1] = 1 + 1e-7;
    return new ConfusionCounts(t, even, null, null);
  }

  private Tensor labelWeights() {
    Object v = args.any("label_weights", null);
    if (v == null) {
      return null;
    }
    if (!(v instanceof List<?> l) || !l.stream().allMatch(Number.class::isInstance)) {
      throw args.refuse("label_weights", "a list of numbers");
    }
    float[] w = new float[l.size()];
    for (int i = 0; i < w.length; i++) {
      w[i] = ((Number) l.get(i)).floatValue();
    }
    return Tensor.of(w, w.length);
  }

  private void build(int n) {
    Shape s = n == 0 ? Shape.of(counts.size()) : Shape.of(counts.size(), n);
    state =
        new Variable[] {
          state("true_positives", s),
          state("false_positives", s),
          state("true_negatives", s),
          state("false_negatives", s)
        };
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    if (state == null) {
      if (yPred.rank() != 2) {
        throw new ShapeException(
            "AUC: predictions must be (samples, labels) with multi_label. Received: "
                + yPred.shape());
      }
      build(yPred.dim(-1));
    }
    Tensor p = logits ? Ops.sigmoid(yPred) : yPred;
    Tensor each = byLabel || labelWeights == null ? null : Ops.cast(labelWeights, dtype());
    Counts c = counts.of(yTrue, p, sampleWeight, byLabel, each, dtype());
    add(state[0], c.tp());
    add(state[1], c.fp());
    add(state[2], c.tn());
    add(state[3], c.fn());
  }

  @Override
  public Tensor result() {
    if (state == null) {
      return Tensor.scalar(0, DType.FLOAT32);
    }
    Counts c = new Counts(state[0].raw(), state[1].raw(), state[2].raw(), state[3].raw());
    boolean between = method.equals("interpolation");
    Tensor parts = curve.equals("PR") && between ? interpolated(c) : bars(c);
    Tensor area = Ops.sum(parts, new int[] {0}, false);
    if (!byLabel) {
      return area;
    }
    if (labelWeights == null) {
      return Ops.mean(area);
    }
    return Reduction.divideNoNan(Ops.sum(area.times(labelWeights)), Ops.sum(labelWeights));
  }

  private Tensor bars(Counts c) {
    Tensor x;
    Tensor y;
    switch (curve) {
      case "ROC" -> {
        x = Reduction.divideNoNan(c.fp(), c.fp().plus(c.tn()));
        y = ConfusionMetric.recall(c);
      }
      case "PR" -> {
        x = ConfusionMetric.recall(c);
        y = ConfusionMetric.precision(c);
      }
      default -> {
        Tensor odds = Reduction.divideNoNan(c.tp().plus(c.fn()), c.tn().plus(c.fp()));
        Tensor none = Ops.equal(c.tp(), 0);
        x = Ops.where(none, 0.0, gain(odds, c.fn(), c.tp()));
        x = Ops.maximum(x, 0.0);
        y = Ops.where(none, 1.0, gain(odds, c.fp(), c.tp()));
      }
    }
    Tensor left = head(y);
    Tensor right = tail(y);
    Tensor height =
        switch (method) {
          case "interpolation" -> left.plus(right).divide(2);
          case "minoring" -> Ops.minimum(left, right);
          default -> Ops.maximum(left, right);
        };
    return head(x).minus(tail(x)).times(height);
  }

  private static Tensor gain(Tensor odds, Tensor wrong, Tensor right) {
    return Ops.oneMinus(odds.times(Reduction.divideNoNan(wrong, right)));
  }

  /** Davis and Goadrich 2006: precision between thresholds follows the counts, not a line. */
  private static Tensor interpolated(Counts c) {
    Tensor p = c.tp().plus(c.fp());
    Tensor dtp = head(c.tp()).minus(tail(c.tp()));
    Tensor dp = head(p).minus(tail(p));
    Tensor slope = Reduction.divideNoNan(dtp, Ops.maximum(dp, 0.0));
    Tensor intercept = tail(c.tp()).minus(slope.times(tail(p)));
    Tensor both = Ops.logicalAnd(Ops.greater(head(p), 0), Ops.greater(tail(p), 0));
    Tensor ratio = Reduction.divideNoNan(head(p), Ops.maximum(tail(p), 0.0));
    Tensor log = Ops.log(Ops.where(both, ratio, 1.0));
    Tensor area = slope.times(dtp.plus(intercept.times(log)));
    Tensor positives = tail(c.tp()).plus(tail(c.fn()));
    return Reduction.divideNoNan(area, Ops.maximum(positives, 0.0));
  }

  private static Tensor head(Tensor x) {
    return Ops.slice(x, new int[x.rank()], x.shape().withDim(0, x.dim(0) - 1).dims());
  }

  private static Tensor tail(Tensor x) {
    int[] start = new int[x.rank()];
    start[0] = 1;
    return Ops.slice(x, start, x.shape().withDim(0, x.dim(0) - 1).dims());
  }

  @Override
  public Boolean rises() {
    return true;
  }
}
