package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.losses.Loss;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Map;

/**
 * The continuous ranked probability score (Gneiting and Raftery 2007), {@code E|X − y| − ½·E|X −
 * X′|} for independent X and X′ of the predicted distribution; as fusionlab's loss of this name.
 *
 * <ul>
 *   <li>{@code gaussian}: {@code σ·(z·(2Φ(z) − 1) + 2φ(z) − 1/√π)} with {@code z = (y − μ)/σ} and
 *       {@code σ = |scale| + 1e-6}. Predictions {@code (…, 2)} hold μ and scale.
 *   <li>{@code quantile}: twice the mean pinball loss of the quantiles. Predictions {@code (batch,
 *       horizon, quantiles, outputs)}.
 *   <li>{@code mixture}: the closed form for mixtures of normal distributions (Grimit et al. 2006);
 *       {@code mc_samples}, with which the original draws, has no effect. Predictions are a map.
 *   <li>{@code auto}: by the names of a map; a tensor is gaussian where its last size is 2, else
 *       quantiles where levels are given, else gaussian.
 * </ul>
 *
 * <p>{@link #score} takes a map: {@code loc} and {@code scale}, with {@code weights} for a mixture,
 * or {@code mean(s)} and {@code scale(s)} as this library's heads name them; {@code quantiles},
 * perhaps with {@code q_values}. With {@code defects} the quantile form is divided by the number of
 * quantiles once more, as in the original.
 */
public final class CRPSLoss extends FusionLoss {
  public static final Entry<Loss> TYPE =
      new Entry<>(
          Loss.class,
          FusionlabTypes.COMPONENTS,
          "CRPSLoss",
          FusionlabTypes.COMPONENTS + ">CRPSLoss",
          CRPSLoss::new);

  private static final double ROOT_PI = Math.sqrt(Math.PI);

  private final String mode;
  private final double[] levels;
  private final boolean defects;

  /** A score of a mode: {@code auto}, {@code quantile}, {@code gaussian} or {@code mixture}. */
  public CRPSLoss(String mode) {
    this(Config.of("mode", mode));
  }

  /** A score of quantiles at these levels. */
  public CRPSLoss(double... levels) {
    this(Config.of("mode", "quantile", "quantiles", levels));
  }

  /** Restores a loss from its config. */
  public CRPSLoss(Config config) {
    super(TYPE, config, "CRPSLoss", true);
    mode = args.oneOf("mode", "auto", "auto", "quantile", "gaussian", "mixture");
    levels = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    args.positiveInt("mc_samples", 256);
    defects = Parts.option(args, "defects", false);
  }

  @Override
  protected Tensor values(Tensor yTrue, Tensor yPred) {
    boolean pairs = yPred.rank() > 0 && yPred.dim(-1) == 2;
    String kind = mode.equals("auto") ? pairs || levels == null ? "gaussian" : "quantile" : mode;
    switch (kind) {
      case "quantile":
        return quantiles(yTrue, yPred, levels);
      case "gaussian":
        if (!pairs) {
          throw new ShapeException(
              "CRPSLoss: expected predictions (…, 2) of mean and scale. Received: shape "
                  + yPred.shape()
                  + ". Use score with a map, or give quantiles.");
        }
        Tensor[] parts = Ops.split(yPred, 2, -1).toArray(Tensor[]::new);
        return gaussian(yTrue, Ops.squeeze(parts[0], -1), Ops.squeeze(parts[1], -1));
      default:
        throw new ShapeException(
            "CRPSLoss: expected a map of weights, loc and scale for a mixture. Received: a tensor"
                + " of shape "
                + yPred.shape()
                + ". Use score.");
    }
  }

  /**
   * The mean score of a predicted distribution.
   *
   * @param yTrue (batch, …, outputs)
   * @param prediction tensors by name: see the class
   * @throws ShapeException for names or shapes that do not fit the mode
   */
  public Tensor score(Tensor yTrue, Map<String, Tensor> prediction) {
    return Ops.mean(scores(yTrue, prediction));
  }

  private Tensor scores(Tensor y, Map<String, Tensor> p) {
    Tensor quantiles = p.get("quantiles");
    Tensor weights = p.get("weights");
    String kind =
        !mode.equals("auto")
            ? mode
            : quantiles != null ? "quantile" : weights != null ? "mixture" : "gaussian";
    if (kind.equals("quantile")) {
      Tensor given = p.get("q_values");
      return quantiles(y, named(p, "quantiles"), given == null ? levels : given.toDoubleArray());
    }
    Tensor loc = named(p, "loc", "mean", "means");
    Tensor scale = named(p, "scale", "scales");
    return kind.equals("gaussian")
        ? gaussian(y, loc, scale)
        : mixture(y, named(p, "weights"), loc, scale);
  }

  private static Tensor named(Map<String, Tensor> p, String... names) {
    for (String name : names) {
      if (p.get(name) != null) {
        return p.get(name);
      }
    }
    throw new ShapeException(
        "CRPSLoss: expected '" + names[0] + "' in the prediction. Received: " + p.keySet());
  }

  private Tensor quantiles(Tensor y, Tensor p, double[] at) {
    if (at == null) {
      throw new ShapeException(
          "CRPSLoss: expected the levels of the quantiles. Received: none. Give quantiles.");
    }
    Tensor mean = Ops.mean(Quantiles.pinball("CRPSLoss", y, p, at), 2, 3);
    return mean.times(defects ? 2.0 / at.length : 2.0);
  }

  private static Tensor gaussian(Tensor y, Tensor loc, Tensor scale) {
    if (!y.shape().equals(loc.shape()) || !loc.shape().equals(scale.shape())) {
      throw new ShapeException(
          "CRPSLoss: expected targets, loc and scale of one shape. Received: "
              + y.shape()
              + ", "
              + loc.shape()
              + " and "
              + scale.shape());
    }
    Tensor sigma = Ops.abs(scale).plus(1e-6);
    Tensor score = absolute(y.minus(loc), sigma).minus(sigma.divide(ROOT_PI));
    return y.rank() > 1 ? Ops.mean(score, -1) : score;
  }

  /** Components lie on axis −2; weights of one output count for all. */
  private static Tensor mixture(Tensor y, Tensor weights, Tensor loc, Tensor scale) {
    if (loc.rank() != y.rank() + 1
        || !loc.shape().equals(scale.shape())
        || weights.rank() != loc.rank()
        || weights.dim(-2) != loc.dim(-2)) {
      throw new ShapeException(
          "CRPSLoss: expected weights, loc and scale (batch, …, components, outputs). Received: "
              + weights.shape()
              + ", "
              + loc.shape()
              + " and "
              + scale.shape()
              + " for targets "
              + y.shape());
    }
    int[] components = {-2};
    Tensor sigma = Ops.abs(scale).plus(1e-6);
    Tensor w = weights.divide(Ops.sum(weights, components, true));
    Tensor near = absolute(Ops.expandDims(y, -2).minus(loc), sigma);
    Tensor first = Ops.sum(w.times(near), components, false);
    Tensor between = Ops.expandDims(loc, -2).minus(Ops.expandDims(loc, -3));
    Tensor square = Ops.square(sigma);
    Tensor both = Ops.sqrt(Ops.expandDims(square, -2).plus(Ops.expandDims(square, -3)));
    Tensor pairs = Ops.expandDims(w, -2).times(Ops.expandDims(w, -3));
    Tensor second = Ops.sum(pairs.times(absolute(between, both)), new int[] {-3, -2}, false);
    return Ops.mean(first.minus(second.times(0.5)), -1);
  }

  /** E|Z| of a normal distribution with this mean and deviation. */
  private static Tensor absolute(Tensor mean, Tensor sigma) {
    Tensor z = mean.divide(sigma);
    Tensor density = Ops.exp(Ops.square(z).times(-0.5)).times(2 / Math.sqrt(2 * Math.PI));
    Tensor both = Ops.erf(z.divide(Math.sqrt(2)));
    return sigma.times(z.times(both).plus(density));
  }
}
