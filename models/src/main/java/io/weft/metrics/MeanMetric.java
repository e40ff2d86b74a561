package io.weft.metrics;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.losses.LossFunctions;
import io.weft.losses.Reduction;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * The mean of a function of targets and predictions. The table {@link #entries} says once how each
 * is named and which arguments it reads.
 */
public final class MeanMetric extends Mean {
  private static final List<Entry<Metric>> ENTRIES = new ArrayList<>();

  private final BinaryOperator<Tensor> function;
  private final boolean root;

  private MeanMetric(
      Entry<?> type,
      Config config,
      String name,
      boolean root,
      Function<Args, BinaryOperator<Tensor>> reader) {
    super(type, config, name, true);
    this.root = root;
    this.function = reader.apply(args);
  }

  static {
    plain("MeanSquaredError", LossFunctions::meanSquaredError, "mse", "MSE");
    plain("MeanAbsoluteError", LossFunctions::meanAbsoluteError, "mae", "MAE");
    plain(
        "MeanAbsolutePercentageError", LossFunctions::meanAbsolutePercentageError, "mape", "MAPE");
    plain(
        "MeanSquaredLogarithmicError", LossFunctions::meanSquaredLogarithmicError, "msle", "MSLE");
    add("LogCoshError", "logcosh", false, a -> LossFunctions::logCosh, "logcosh");
    add(
        "RootMeanSquaredError",
        null,
        true,
        a ->
            (y, p) -> {
              Tensor[] r = Reduction.sameRank(y, p);
              return Ops.square(r[1].minus(r[0]));
            },
        "rmse",
        "RMSE");
    add(
        "CosineSimilarity",
        null,
        false,
        a -> {
          boolean given = a.has("axis");
          int axis = a.integer("axis", -1);
          if (!given) {
            a.forget("axis");
          }
          return (y, p) -> Ops.negative(LossFunctions.cosineSimilarity(y, p, axis));
        });
    plain("Hinge", LossFunctions::hinge);
    plain("SquaredHinge", LossFunctions::squaredHinge);
    plain("CategoricalHinge", LossFunctions::categoricalHinge);
    plain("KLDivergence", LossFunctions::klDivergence, "kl_divergence", "kld", "KLD");
    plain("Poisson", LossFunctions::poisson);
    crossentropies();
    accuracies();
    correlation("PearsonCorrelation", Correlations::pearson);
    correlation("ConcordanceCorrelation", Correlations::concordance);
  }

  /** Of two tensors along an axis. */
  private interface AlongAxis {
    Tensor apply(Tensor y, Tensor p, int axis);
  }

  private static void correlation(String className, AlongAxis f) {
    add(
        className,
        null,
        false,
        a -> {
          int axis = a.integer("axis", -1);
          return (y, p) -> f.apply(y, p, axis);
        });
  }

  private static void crossentropies() {
    add(
        "BinaryCrossentropy",
        null,
        false,
        a -> {
          boolean logits = a.bool("from_logits", false);
          double smoothing = smoothing(a);
          return (y, p) -> LossFunctions.binaryCrossentropy(y, p, logits, smoothing, -1);
        },
        "bce",
        "BCE");
    add(
        "CategoricalCrossentropy",
        null,
        false,
        a -> {
          boolean logits = a.bool("from_logits", false);
          double smoothing = smoothing(a);
          int axis = a.integer("axis", -1);
          return (y, p) -> LossFunctions.categoricalCrossentropy(y, p, logits, smoothing, axis);
        });
    add(
        "SparseCategoricalCrossentropy",
        null,
        false,
        a -> {
          boolean logits = a.bool("from_logits", false);
          Integer ignore = a.has("ignore_class") ? a.integerOrNull("ignore_class", null) : null;
          int axis = a.integer("axis", -1);
          return (y, p) -> LossFunctions.sparseCategoricalCrossentropy(y, p, logits, ignore, axis);
        });
  }

  /** Keras' default is the integer 0. */
  private static double smoothing(Args a) {
    Object v = a.any("label_smoothing", 0);
    if (v instanceof Number n) {
      return n.doubleValue();
    }
    throw a.refuse("label_smoothing", "a number");
  }

  private static void accuracies() {
    plain("Accuracy", Accuracies::exact);
    add(
        "BinaryAccuracy",
        null,
        false,
        a -> {
          double threshold = a.number("threshold", 0.5);
          return (y, p) -> Accuracies.binary(y, p, threshold);
        });
    plain("CategoricalAccuracy", Accuracies::categorical);
    plain("SparseCategoricalAccuracy", Accuracies::sparseCategorical);
    add(
        "TopKCategoricalAccuracy",
        null,
        false,
        a -> {
          int k = a.positiveInt("k", 5);
          return (y, p) -> Accuracies.topK(Ops.argmax(y, -1, false), p, k);
        });
    add(
        "SparseTopKCategoricalAccuracy",
        null,
        false,
        a -> {
          int k = a.positiveInt("k", 5);
          boolean sorted = a.bool("from_sorted_ids", false);
          if (!sorted) {
            a.forget("from_sorted_ids");
          }
          return (y, p) -> sorted ? Accuracies.amongFirst(y, p, k) : Accuracies.topK(y, p, k);
        });
  }

  private static void plain(String className, BinaryOperator<Tensor> f, String... aliases) {
    add(className, null, false, a -> f, aliases);
  }

  private static void add(
      String className,
      String defaultName,
      boolean root,
      Function<Args, BinaryOperator<Tensor>> reader,
      String... aliases) {
    List<Entry<Metric>> self = new ArrayList<>();
    Entry<Metric> e =
        new Entry<>(
            Metric.class,
            "keras.metrics",
            className,
            null,
            c -> new MeanMetric(self.get(0), c, defaultName, root, reader),
            aliases);
    self.add(e);
    ENTRIES.add(e);
  }

  /** All mean metrics. */
  public static List<Entry<Metric>> entries() {
    return List.copyOf(ENTRIES);
  }

  /** What is averaged, one value for each sample or finer. */
  public Tensor values(Tensor yTrue, Tensor yPred) {
    Tensor p = yPred.dtype().isFloating() ? Ops.cast(yPred, dtype()) : yPred;
    Tensor y =
        yTrue.dtype().isFloating() || p.dtype().isFloating()
            ? Ops.cast(yTrue, p.dtype().isFloating() ? p.dtype() : dtype())
            : yTrue;
    return function.apply(y, p);
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    Tensor v = values(yTrue, yPred);
    Tensor w = Reduction.maskedWeights(sampleWeight, yPred.mask(), false, Ops.cast(v, dtype()));
    addValues(v, w);
  }

  @Override
  public Boolean rises() {
    String name = type().className();
    return name.endsWith("Accuracy")
        || name.endsWith("Correlation")
        || name.equals("CosineSimilarity");
  }

  @Override
  public Tensor result() {
    return root ? Ops.sqrt(super.result()) : super.result();
  }
}
