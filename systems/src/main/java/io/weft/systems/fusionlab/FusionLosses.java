package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.losses.Loss;
import io.weft.losses.LossFunctions;
import io.weft.losses.Reduction;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * fusionlab's losses of a formula each; the table {@link #entries} says once how each is named and
 * which arguments it reads. What fusionlab has as a function that makes a loss, such as {@code
 * combined_quantile_loss(quantiles)}, is a loss of that name here, so that files can hold it.
 *
 * <p>{@code ρ_τ(e) = max(τ·e, (τ − 1)·e)} with {@code e = y − ŷ} is the pinball loss. Targets are
 * {@code (batch, horizon, outputs)}, predictions of quantiles {@code (batch, horizon, quantiles,
 * outputs)}, or {@code (batch, horizon, quantiles)} where there is one output.
 *
 * @see CRPSLoss
 * @see MultiObjectiveLoss
 * @see CombinedHeadLoss
 */
public final class FusionLosses extends FusionLoss {
  private static final String FUNCTIONS = "fusionlab.nn.losses";
  private static final int[] LAST = {-1};
  private static final List<Entry<Loss>> ENTRIES = new ArrayList<>();

  private final BinaryOperator<Tensor> function;

  private FusionLosses(
      Entry<?> type,
      Config config,
      String name,
      boolean reduction,
      Function<Args, BinaryOperator<Tensor>> reader) {
    super(type, config, name, reduction);
    this.function = reader.apply(args);
  }

  static {
    add("AdaptiveQuantileLoss", "AdaptiveQuantileLoss", false, FusionLosses::adaptive);
    add("AnomalyLoss", "AnomalyLoss", false, FusionLosses::anomaly);
    add(
        "MeanSquaredErrorLoss",
        "MSELoss",
        true,
        a -> (y, p) -> LossFunctions.meanSquaredError(same("MeanSquaredErrorLoss", y, p), p));
    add(
        "HuberLoss",
        "HuberLoss",
        true,
        a -> {
          double delta = a.number("delta", 1.0);
          if (!(delta > 0)) {
            throw a.refuse("delta", "a positive number");
          }
          return (y, p) -> LossFunctions.huber(same("HuberLoss", y, p), p, delta);
        });
    add(
        "WeightedLoss",
        "WeightedLoss",
        true,
        a -> {
          double weight = a.number("weight", 1.0);
          return (y, p) ->
              LossFunctions.meanSquaredError(same("WeightedLoss", y, p), p).times(weight);
        });
    add(
        "QuantileLoss",
        "AdaptiveQuantileLoss",
        true,
        a -> {
          double[] levels = Quantiles.required(a, "quantiles");
          return (y, p) -> mean(Quantiles.pinball("QuantileLoss", y, p, levels)).times(2);
        });
    functions();
  }

  private static void functions() {
    addFunction(
        "combined_quantile_loss",
        a -> {
          double[] levels = Quantiles.required(a, "quantiles");
          return (y, p) -> mean(Quantiles.pinball("combined_quantile_loss", y, p, levels));
        });
    addFunction(
        "pinball_loss",
        a -> {
          double[] levels = Quantiles.required(a, "qs");
          return (y, p) -> mean(Quantiles.pinball("pinball_loss", y, p, levels));
        });
    addFunction("make_weighted_pinball", FusionLosses::weightedPinball);
    addFunction("prediction_based_loss", FusionLosses::predictionBased);
    addFunction("combined_total_loss", FusionLosses::total);
    addFunction(
        "quantile_loss",
        a -> {
          double q = a.number("q");
          if (!(q > 0 && q < 1)) {
            throw a.refuse("q", "a number in (0, 1)");
          }
          return (y, p) -> Ops.mean(pinball(same("quantile_loss", y, p).minus(p), q), LAST, false);
        });
    addFunction("quantile_loss_multi", FusionLosses::several);
    addFunction(
        "anomaly_loss",
        a -> {
          Tensor scores = Scores.required(a, "anomaly_scores");
          double weight = a.number("anomaly_loss_weight", 1.0);
          return (y, p) -> Ops.mean(Ops.square(Scores.like(scores, p))).times(weight);
        });
  }

  // ---------------------------------------------------------------- readers

  private static BinaryOperator<Tensor> adaptive(Args a) {
    double[] levels = Quantiles.orNull(a, "quantiles", a.required("quantiles"));
    if (levels == null) {
      return (y, p) -> Ops.zeros(y.shape().slice(0, 1), y.dtype());
    }
    return (y, p) -> mean(Quantiles.pinball("AdaptiveQuantileLoss", y, p, levels));
  }

  /** The targets are the scores. */
  private static BinaryOperator<Tensor> anomaly(Args a) {
    double weight = a.number("weight", 1.0);
    return (scores, ignored) -> Ops.square(scores).times(weight);
  }

  private static BinaryOperator<Tensor> weightedPinball(Args a) {
    double[] levels = Quantiles.required(a, "qs");
    double[] weights = weights(a, levels);
    return (y, p) -> {
      Tensor loss = Quantiles.pinball("make_weighted_pinball", y, p, levels);
      Tensor w =
          Ops.reshape(Ops.cast(Tensor.of(weights, weights.length), loss.dtype()), 1, 1, -1, 1);
      return Ops.mean(Ops.sum(loss.times(w), 2), LAST, false);
    };
  }

  /** A list, or a map from level to weight in which missing ones are 1; scaled to the sum 1. */
  private static double[] weights(Args a, double[] levels) {
    String expected = "a list of one weight for each of qs, or a map from level to weight";
    double[] w = new double[levels.length];
    Arrays.fill(w, 1);
    Object v = a.required("weights");
    if (v instanceof List<?> l && l.size() == w.length) {
      for (int i = 0; i < w.length; i++) {
        w[i] = l.get(i) instanceof Number n ? n.doubleValue() : -1;
      }
    } else if (v instanceof Config map) {
      for (String key : map.keys()) {
        int i = position(levels, key);
        if (i < 0) {
          throw a.refuse("weights", expected);
        }
        w[i] = map.get(key) instanceof Number n ? n.doubleValue() : -1;
      }
    } else if (v != null) {
      throw a.refuse("weights", expected);
    }
    double sum = Arrays.stream(w).sum();
    if (Arrays.stream(w).anyMatch(x -> !(x >= 0)) || !(sum > 0)) {
      throw a.refuse("weights", "weights that are not negative and not all 0");
    }
    return Arrays.stream(w).map(x -> x / sum).toArray();
  }

  private static int position(double[] levels, String key) {
    for (int i = 0; i < levels.length; i++) {
      if (key.matches("[0-9.eE+-]+") && Double.parseDouble(key) == levels[i]) {
        return i;
      }
    }
    return -1;
  }

  /** The forecast's loss and, weighted, the mean square of its mean absolute errors. */
  private static BinaryOperator<Tensor> predictionBased(Args a) {
    double[] levels = Quantiles.orNull(a, "quantiles", a.any("quantiles", null));
    double weight = a.number("anomaly_loss_weight", 0.1);
    if (levels == null) {
      return (y, p) -> {
        Tensor e = same("prediction_based_loss", y, p).minus(p);
        return Ops.mean(Ops.square(e), LAST, false).times(1 + weight);
      };
    }
    return (y, p) -> {
      String who = "prediction_based_loss";
      Tensor forecast = mean(Quantiles.pinball(who, y, p, levels));
      Tensor predicted = Quantiles.predictions(who, p, levels.length);
      Tensor errors = Ops.abs(Quantiles.targets(who, y, predicted).minus(predicted));
      Tensor scores = Ops.mean(errors, 2);
      return forecast.plus(Ops.mean(Ops.square(scores), LAST, false).times(weight));
    };
  }

  private static BinaryOperator<Tensor> total(Args a) {
    double[] levels = Quantiles.required(a, "quantiles");
    Loss layer = a.asObject("anomaly_layer", a.required("anomaly_layer"), Loss.class);
    a.note("anomaly_layer", layer);
    Tensor scores = Scores.required(a, "anomaly_scores");
    return (y, p) -> {
      Tensor s = Scores.like(scores, p);
      return mean(Quantiles.pinball("combined_total_loss", y, p, levels))
          .plus(layer.apply(s, Ops.zerosLike(s), null));
    };
  }

  /** One prediction measured at several levels. */
  private static BinaryOperator<Tensor> several(Args a) {
    Object v = a.any("quantiles", List.of(0.1, 0.5, 0.9));
    double[] levels = Quantiles.orNull(a, "quantiles", v);
    if (levels == null) {
      throw a.refuse("quantiles", "a list of numbers in (0, 1)");
    }
    return (y, p) -> {
      Tensor e = same("quantile_loss_multi", y, p).minus(p);
      Tensor sum = null;
      for (double q : levels) {
        Tensor one = Ops.mean(pinball(e, q), LAST, false);
        sum = sum == null ? one : sum.plus(one);
      }
      return sum.divide((double) levels.length);
    };
  }

  // ---------------------------------------------------------------- parts

  private static Tensor pinball(Tensor e, double q) {
    return Ops.maximum(e.times(q), e.times(q - 1));
  }

  /** The mean over quantiles and outputs: (batch, horizon). */
  private static Tensor mean(Tensor losses) {
    return Ops.mean(losses, 2, 3);
  }

  /** The targets, of the predictions' shape but for a last axis of size 1. */
  private static Tensor same(String who, Tensor y, Tensor p) {
    Tensor[] a = Reduction.sameRank(y, p);
    if (!a[0].shape().equals(a[1].shape()) || a[1].rank() == 0) {
      throw new ShapeException(
          who
              + ": expected targets and predictions of one shape. Received: "
              + y.shape()
              + " and "
              + p.shape());
    }
    return a[1].rank() == p.rank() ? a[0] : Ops.reshape(a[0], p.shape().dims());
  }

  private static void add(
      String className,
      String name,
      boolean reduction,
      Function<Args, BinaryOperator<Tensor>> reader) {
    row(FusionlabTypes.COMPONENTS, className, name, reduction, reader);
  }

  private static void addFunction(String name, Function<Args, BinaryOperator<Tensor>> reader) {
    row(FUNCTIONS, name, name, false, reader);
  }

  private static void row(
      String packageName,
      String className,
      String name,
      boolean reduction,
      Function<Args, BinaryOperator<Tensor>> reader) {
    List<Entry<Loss>> self = new ArrayList<>();
    Entry<Loss> e =
        new Entry<>(
            Loss.class,
            packageName,
            className,
            packageName + ">" + className,
            c -> new FusionLosses(self.get(0), c, name, reduction, reader));
    self.add(e);
    ENTRIES.add(e);
  }

  /** All rows. */
  public static List<Entry<Loss>> entries() {
    return List.copyOf(ENTRIES);
  }

  /**
   * The loss of a class or function name of fusionlab, with options from keys and values.
   *
   * @throws io.weft.error.ConfigException for a name that is none, and for a bad option
   */
  public static Loss of(String name, Object... options) {
    return of(name, Config.of(options));
  }

  /** The loss of a class or function name of fusionlab from its config. */
  static Loss of(String name, Config config) {
    for (Entry<Loss> e : ENTRIES) {
      if (e.className().equals(name)) {
        Loss loss = e.create(config);
        loss.afterRestore(null);
        return loss;
      }
    }
    throw new ConfigException(
        "loss: expected one of "
            + ENTRIES.stream().map(Entry::className).toList()
            + ". Received: '"
            + name
            + "'");
  }

  @Override
  protected Tensor values(Tensor yTrue, Tensor yPred) {
    return function.apply(yTrue, yPred);
  }
}
