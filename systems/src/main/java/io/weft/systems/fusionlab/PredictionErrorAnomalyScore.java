package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * How far predictions are off: the mean over features of {@code |y − ŷ|} ({@code mae}) or {@code (y
 * − ŷ)²} ({@code mse}) at each step, then the mean or the largest of the steps; as fusionlab's
 * layer of this name.
 *
 * <p>Inputs: a list {@code [targets, predictions]}, both {@code (batch, T, features)}. Output:
 * {@code (batch, 1)}.
 */
public final class PredictionErrorAnomalyScore extends Layer {
  public static final LayerType<PredictionErrorAnomalyScore> TYPE =
      LayerType.custom(
              FusionlabTypes.ANOMALY,
              "PredictionErrorAnomalyScore",
              PredictionErrorAnomalyScore::new)
          .takesList()
          .args("training");

  private final boolean squared;
  private final boolean largest;

  /** A score of mean absolute errors, averaged over the steps. */
  public PredictionErrorAnomalyScore() {
    this(Config.EMPTY);
  }

  /**
   * A score.
   *
   * @param errorMetric {@code mae} or {@code mse}
   * @param aggregation {@code mean} or {@code max}
   */
  public PredictionErrorAnomalyScore(String errorMetric, String aggregation) {
    this(Config.of("error_metric", errorMetric, "aggregation", aggregation));
  }

  /** Restores a layer from its config. */
  public PredictionErrorAnomalyScore(Config config) {
    super(TYPE, config);
    squared = args.oneOf("error_metric", "mae", "mae", "mse").equals("mse");
    largest = args.oneOf("aggregation", "mean", "mean", "max").equals("max");
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() != 2
        || inputs.get(0).rank() != 3
        || !inputs.get(0).shape().equals(inputs.get(1).shape())) {
      throw new ShapeException(
          label()
              + ": expected a list of targets and predictions, both (batch, T, features). Received:"
              + " "
              + inputs.stream().map(Tensor::shape).toList());
    }
    Tensor e = inputs.get(0).minus(inputs.get(1));
    Tensor steps = Ops.mean(squared ? Ops.square(e) : Ops.abs(e), -1);
    int[] time = {1};
    return List.of(largest ? Ops.max(steps, time, true) : Ops.mean(steps, time, true));
  }
}
