package io.weft.losses;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * A loss of Keras: a function of {@link LossFunctions} with its options. The table {@link #entries}
 * says once how each is named and which arguments it reads.
 */
public final class FunctionLoss extends Loss {
  private static final List<Entry<Loss>> ENTRIES = new ArrayList<>();

  private final BinaryOperator<Tensor> function;

  private FunctionLoss(
      Entry<?> type, Config config, String name, Function<Args, BinaryOperator<Tensor>> reader) {
    super(type, config, name);
    this.function = reader.apply(args);
  }

  static {
    plain("MeanSquaredError", LossFunctions::meanSquaredError, "mse", "MSE");
    plain("MeanAbsoluteError", LossFunctions::meanAbsoluteError, "mae", "MAE");
    plain(
        "MeanAbsolutePercentageError", LossFunctions::meanAbsolutePercentageError, "mape", "MAPE");
    plain(
        "MeanSquaredLogarithmicError", LossFunctions::meanSquaredLogarithmicError, "msle", "MSLE");
    add(
        "CosineSimilarity",
        null,
        a -> {
          int axis = a.integer("axis", -1);
          return (y, p) -> LossFunctions.cosineSimilarity(y, p, axis);
        },
        "cosine_proximity",
        "cosine");
    plain("LogCosh", LossFunctions::logCosh, "logcosh");
    add(
        "Huber",
        "huber_loss",
        a -> {
          double delta = a.number("delta", 1.0);
          return (y, p) -> LossFunctions.huber(y, p, delta);
        },
        "huber_loss");
    plain("Hinge", LossFunctions::hinge);
    plain("SquaredHinge", LossFunctions::squaredHinge);
    plain("CategoricalHinge", LossFunctions::categoricalHinge);
    plain(
        "KLDivergence",
        LossFunctions::klDivergence,
        "kl_divergence",
        "kld",
        "KLD",
        "kullback_leibler_divergence");
    plain("Poisson", LossFunctions::poisson);
    plain("CTC", LossFunctions::ctc);
    crossentropies();
    regions();
  }

  private static void crossentropies() {
    add(
        "BinaryCrossentropy",
        null,
        a -> {
          boolean logits = a.bool("from_logits", false);
          double smoothing = a.number("label_smoothing", 0.0);
          int axis = a.integer("axis", -1);
          return (y, p) -> LossFunctions.binaryCrossentropy(y, p, logits, smoothing, axis);
        },
        "bce",
        "BCE");
    add(
        "BinaryFocalCrossentropy",
        null,
        a -> {
          boolean logits = a.bool("from_logits", false);
          double smoothing = a.number("label_smoothing", 0.0);
          int axis = a.integer("axis", -1);
          boolean balancing = a.bool("apply_class_balancing", false);
          double alpha = a.number("alpha", 0.25);
          double gamma = a.number("gamma", 2.0);
          return (y, p) ->
              LossFunctions.binaryFocalCrossentropy(
                  y, p, balancing, alpha, gamma, logits, smoothing, axis);
        });
    add(
        "CategoricalCrossentropy",
        null,
        a -> {
          boolean logits = a.bool("from_logits", false);
          double smoothing = a.number("label_smoothing", 0.0);
          int axis = a.integer("axis", -1);
          return (y, p) -> LossFunctions.categoricalCrossentropy(y, p, logits, smoothing, axis);
        });
    add(
        "CategoricalFocalCrossentropy",
        null,
        a -> {
          boolean logits = a.bool("from_logits", false);
          double smoothing = a.number("label_smoothing", 0.0);
          int axis = a.integer("axis", -1);
          double alpha = a.number("alpha", 0.25);
          double gamma = a.number("gamma", 2.0);
          return (y, p) ->
              LossFunctions.categoricalFocalCrossentropy(
                  y, p, alpha, gamma, logits, smoothing, axis);
        });
    add(
        "SparseCategoricalCrossentropy",
        null,
        a -> {
          boolean logits = a.bool("from_logits", false);
          Integer ignore = a.integerOrNull("ignore_class", null);
          int axis = optionalAxis(a);
          return (y, p) -> LossFunctions.sparseCategoricalCrossentropy(y, p, logits, ignore, axis);
        });
    add(
        "CategoricalGeneralizedCrossEntropy",
        null,
        a -> {
          double q = a.number("q", 0.5);
          if (!(q > 0 && q < 1)) {
            throw a.refuse("q", "a number in (0, 1)");
          }
          return (y, p) -> LossFunctions.categoricalGeneralizedCrossEntropy(y, p, q);
        });
  }

  /** Written by Keras 3.16 and newer only, so it is kept out of the config unless given. */
  private static int optionalAxis(Args a) {
    boolean given = a.has("axis");
    int axis = a.integer("axis", -1);
    if (!given) {
      a.forget("axis");
    }
    return axis;
  }

  private static void regions() {
    add(
        "Dice",
        null,
        a -> {
          int[] axis = a.intListOrNull("axis", null);
          return (y, p) -> LossFunctions.dice(y, p, axis);
        });
    add(
        "Tversky",
        null,
        a -> {
          double alpha = a.number("alpha", 0.5);
          double beta = a.number("beta", 0.5);
          int[] axis = a.intListOrNull("axis", null);
          return (y, p) -> LossFunctions.tversky(y, p, alpha, beta, axis);
        });
    add(
        "Circle",
        null,
        a -> {
          double gamma = a.number("gamma", 80.0);
          double margin = a.number("margin", 0.4);
          boolean remove = a.bool("remove_diagonal", true);
          return (y, p) -> LossFunctions.circle(y, p, gamma, margin, remove);
        });
  }

  private static void plain(String className, BinaryOperator<Tensor> f, String... aliases) {
    add(className, null, a -> f, aliases);
  }

  private static void add(
      String className,
      String defaultName,
      Function<Args, BinaryOperator<Tensor>> reader,
      String... aliases) {
    List<Entry<Loss>> self = new ArrayList<>();
    Entry<Loss> e =
        new Entry<>(
            Loss.class,
            "keras.losses",
            className,
            null,
            c -> new FunctionLoss(self.get(0), c, defaultName, reader),
            aliases);
    self.add(e);
    ENTRIES.add(e);
  }

  /** All losses. */
  public static List<Entry<Loss>> entries() {
    return List.copyOf(ENTRIES);
  }

  @Override
  protected Tensor values(Tensor yTrue, Tensor yPred) {
    Tensor[] a = Reduction.sameRank(yTrue, yPred);
    return function.apply(a[0], a[1]);
  }
}
