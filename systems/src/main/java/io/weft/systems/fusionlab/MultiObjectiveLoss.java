package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.losses.Loss;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * A forecast's loss and, where anomaly scores are given, what they cost: {@code quantile_loss_fn(y,
 * ŷ) + anomaly_loss_fn(scores)}; as fusionlab's loss of this name.
 *
 * <p>The scores are constants of the loss. Scores that a model computes are added in its {@code
 * call} by {@code ctx.addLoss}.
 */
public final class MultiObjectiveLoss extends FusionLoss {
  public static final Entry<Loss> TYPE =
      new Entry<>(
          Loss.class,
          FusionlabTypes.COMPONENTS,
          "MultiObjectiveLoss",
          FusionlabTypes.COMPONENTS + ">MultiObjectiveLoss",
          MultiObjectiveLoss::new);

  private final Loss quantileLoss;
  private final Loss anomalyLoss;
  private final Tensor scores;

  /** The sum of two losses; the scores may be null. */
  public MultiObjectiveLoss(Loss quantileLoss, Loss anomalyLoss, Tensor anomalyScores) {
    this(
        Config.of(
            "quantile_loss_fn",
            quantileLoss,
            "anomaly_loss_fn",
            anomalyLoss,
            "anomaly_scores",
            Scores.toConfig(anomalyScores)));
  }

  /**
   * Restores a loss from its config; the original writes the inner losses' configs without their
   * classes, which then are {@code AdaptiveQuantileLoss} and {@code AnomalyLoss}.
   */
  public MultiObjectiveLoss(Config config) {
    super(TYPE, config, "MultiObjectiveLoss", false);
    quantileLoss = inner("quantile_loss_fn", "AdaptiveQuantileLoss");
    anomalyLoss = inner("anomaly_loss_fn", "AnomalyLoss");
    scores = Scores.orNull(args, "anomaly_scores", args.any("anomaly_scores", null));
    if (scores == null) {
      args.note("anomaly_scores", null);
    }
  }

  private Loss inner(String key, String className) {
    Object v = args.required(key);
    Loss loss =
        v instanceof Config c && !Registry.isEnvelope(c)
            ? FusionLosses.of(className, c)
            : args.asObject(key, v, Loss.class);
    args.note(key, loss);
    return loss;
  }

  @Override
  protected Tensor values(Tensor yTrue, Tensor yPred) {
    Tensor loss = quantileLoss.apply(yTrue, yPred, null);
    if (scores == null) {
      return loss;
    }
    Tensor s = Scores.like(scores, yPred);
    return loss.plus(anomalyLoss.apply(s, Ops.zerosLike(s), null));
  }
}
