package io.weft.metrics;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.losses.Reduction;
import io.weft.metrics.ConfusionCounts.Counts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Figures made of true and false positives and negatives at thresholds. The table {@link #entries}
 * says once how each is named, which arguments it reads and how it comes from the counts.
 */
public final class ConfusionMetric extends Metric {
  private static final List<Entry<Metric>> ENTRIES = new ArrayList<>();
  private static final String[] ALL = {"tp", "fp", "tn", "fn"};

  /** Arguments that were read: what to count, and the figure that comes of it. */
  private record Reading(ConfusionCounts counts, Function<Counts, Tensor> figure) {}

  private final ConfusionCounts counts;
  private final Function<Counts, Tensor> figure;
  private final boolean rises;
  private final Map<String, Variable> state = new LinkedHashMap<>();

  private ConfusionMetric(
      Entry<?> type, Config config, String[] kept, boolean rises, Function<Args, Reading> reader) {
    super(type, config, null);
    Reading r = reader.apply(args);
    counts = r.counts();
    figure = r.figure();
    this.rises = rises;
    for (String k : kept) {
      state.put(k, state(kept.length == 1 ? "accumulator" : longName(k), Shape.of(counts.size())));
    }
  }

  private static String longName(String k) {
    return (k.startsWith("t") ? "true_" : "false_") + (k.endsWith("p") ? "positives" : "negatives");
  }

  static {
    count("TruePositives", "tp", Counts::tp);
    count("FalsePositives", "fp", Counts::fp);
    count("TrueNegatives", "tn", Counts::tn);
    count("FalseNegatives", "fn", Counts::fn);
    share("Precision", new String[] {"tp", "fp"}, ConfusionMetric::precision);
    share("Recall", new String[] {"tp", "fn"}, ConfusionMetric::recall);
    best("SensitivityAtSpecificity", "specificity", c -> specificity(c), c -> recall(c));
    best("SpecificityAtSensitivity", "sensitivity", c -> recall(c), c -> specificity(c));
    best("PrecisionAtRecall", "recall", c -> recall(c), c -> precision(c));
    best("RecallAtPrecision", "precision", c -> precision(c), c -> recall(c));
  }

  private static Tensor share(Tensor part, Tensor rest) {
    return Reduction.divideNoNan(part, part.plus(rest));
  }

  static Tensor precision(Counts c) {
    return share(c.tp(), c.fp());
  }

  static Tensor recall(Counts c) {
    return share(c.tp(), c.fn());
  }

  private static Tensor specificity(Counts c) {
    return share(c.tn(), c.fp());
  }

  private static void count(String className, String kept, Function<Counts, Tensor> figure) {
    add(
        className,
        new String[] {kept},
        false,
        a -> {
          double[] t = thresholds(a, 0.5);
          return new Reading(counts(t, null, null), c -> single(figure.apply(c)));
        });
  }

  private static void share(String className, String[] kept, Function<Counts, Tensor> figure) {
    add(
        className,
        kept,
        true,
        a -> {
          boolean given = a.any("thresholds", null) != null;
          Integer k = a.integerOrNull("top_k", null);
          double[] t = given || k == null ? thresholds(a, 0.5) : new double[] {-1e10};
          Integer id = a.integerOrNull("class_id", null);
          return new Reading(counts(t, k, id), c -> single(figure.apply(c)));
        });
  }

  /** The largest figure among the thresholds at which another figure is large enough. */
  private static void best(
      String className,
      String key,
      Function<Counts, Tensor> bound,
      Function<Counts, Tensor> figure) {
    add(
        className,
        ALL,
        true,
        a -> {
          Integer id = a.integerOrNull("class_id", null);
          int n = ConfusionCounts.checkedCount(a, a.positiveInt("num_thresholds", 200));
          double least = a.rate(key);
          return new Reading(
              new ConfusionCounts(ConfusionCounts.even(n), n > 1, null, id),
              c -> {
                Tensor enough = Ops.greaterEqual(bound.apply(c), least);
                Tensor f = Ops.where(enough, figure.apply(c), 0.0);
                return Ops.max(f, new int[] {0}, false);
              });
        });
  }

  private static ConfusionCounts counts(double[] thresholds, Integer topK, Integer classId) {
    return new ConfusionCounts(thresholds, ConfusionCounts.isEven(thresholds), topK, classId);
  }

  private static Tensor single(Tensor x) {
    return x.dim(0) == 1 ? Ops.squeeze(x, 0) : x;
  }

  /** A number in [0, 1] or a list of such; null for the default. */
  static double[] thresholds(Args a, double fallback) {
    Object v = a.any("thresholds", null);
    List<?> l = v == null ? List.of(fallback) : v instanceof List<?> list ? list : List.of(v);
    double[] t = new double[l.size()];
    for (int i = 0; i < t.length; i++) {
      if (!(l.get(i) instanceof Number n)
          || v != null && !(n.doubleValue() >= 0 && n.doubleValue() <= 1)) {
        throw a.refuse("thresholds", "numbers in [0, 1]");
      }
      t[i] = n.doubleValue();
    }
    if (t.length == 0) {
      throw a.refuse("thresholds", "numbers in [0, 1]");
    }
    return t;
  }

  private static void add(
      String className, String[] kept, boolean rises, Function<Args, Reading> reader) {
    List<Entry<Metric>> self = new ArrayList<>();
    Entry<Metric> e =
        new Entry<>(
            Metric.class,
            "keras.metrics",
            className,
            null,
            c -> new ConfusionMetric(self.get(0), c, kept, rises, reader));
    self.add(e);
    ENTRIES.add(e);
  }

  /** All metrics of this kind but AUC. */
  public static List<Entry<Metric>> entries() {
    return List.copyOf(ENTRIES);
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    Counts c = counts.of(yTrue, yPred, sampleWeight, false, null, dtype());
    state.forEach(
        (k, v) -> {
          switch (k) {
            case "tp" -> add(v, c.tp());
            case "fp" -> add(v, c.fp());
            case "tn" -> add(v, c.tn());
            default -> add(v, c.fn());
          }
        });
  }

  @Override
  public Tensor result() {
    Tensor[] t = new Tensor[4];
    for (int i = 0; i < 4; i++) {
      t[i] = state.containsKey(ALL[i]) ? state.get(ALL[i]).raw() : null;
    }
    return figure.apply(new Counts(t[0], t[1], t[2], t[3]));
  }

  @Override
  public Boolean rises() {
    return rises ? true : null;
  }
}
