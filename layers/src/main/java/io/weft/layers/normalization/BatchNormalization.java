package io.weft.layers.normalization;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layer.WeightOptions;
import io.weft.ops.Normalizations;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * {@code y = (x − mean) / √(variance + epsilon) · gamma + beta} per channel (Ioffe and Szegedy
 * 2015), with the statistics of the batch in training, and moving averages of them otherwise and
 * where the layer is frozen. With {@code renorm} training uses corrected statistics (Ioffe 2017).
 *
 * <p>Input: rank of at least 2. Output: the same shape. Mask: {@code (…)} without the last axis;
 * left-out elements do not enter the statistics; it passes. Weights, all of the size of {@code
 * axis}: {@code gamma} if {@code scale}, {@code beta} if {@code center}, then not trainable {@code
 * moving_mean}, {@code moving_variance} and, with {@code renorm}, {@code moving_stddev}, {@code
 * renorm_mean}, {@code renorm_stddev}.
 */
public final class BatchNormalization extends UnaryLayer {
  public static final LayerType<BatchNormalization> TYPE =
      LayerType.keras("BatchNormalization", BatchNormalization::new).args("training", "mask");

  private final int axis;
  private final double momentum;
  private final double epsilon;
  private final boolean center;
  private final boolean scale;
  private final WeightOptions options;
  private final Renorm renorm;
  private Variable gamma;
  private Variable beta;
  private Variable movingMean;
  private Variable movingVariance;

  /** Default options: the last axis, momentum 0.99, epsilon 0.001. */
  public BatchNormalization() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public BatchNormalization(Config config) {
    super(TYPE, config);
    axis = NormAxes.one(args, "axis", -1);
    momentum = NormAxes.real(args, "momentum", 0.99);
    epsilon = NormAxes.real(args, "epsilon", 0.001);
    center = args.bool("center", true);
    scale = args.bool("scale", true);
    options =
        weightOptions()
            .initializer("beta", "zeros")
            .initializer("gamma", "ones")
            .initializer("moving_mean", "zeros")
            .initializer("moving_variance", "ones")
            .regularizers("beta", "gamma")
            .constraints("beta", "gamma");
    args.bool("synchronized", false); // one process: all statistics are synchronized
    renorm = Renorm.read(args, momentum, epsilon);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape shape = Shape.of(b.known(0, axis));
    gamma = scale ? options.addUncast(b, "gamma", shape, true) : null;
    beta = center ? options.addUncast(b, "beta", shape, true) : null;
    movingMean = options.addUncast(b, "moving_mean", shape, false);
    movingVariance = options.addUncast(b, "moving_variance", shape, false);
    if (renorm != null) {
      renorm.build(b, shape, options);
    }
    setInputSpec(InputSpec.rank(b.input().rank()).withAxis(axis, shape.dim(0)));
  }

  @Override
  public Tensor call(Tensor input, CallContext ctx) {
    Tensor mask = ctx.mask(0);
    if (mask != null && mask.rank() != input.rank() - 1) {
      throw new ShapeException(
          label()
              + ": mask must have rank "
              + (input.rank() - 1)
              + " for an input of shape "
              + input.shape()
              + ". Received: mask of shape "
              + mask.shape());
    }
    Tensor x = Ops.cast(input, Promotion.of(input.dtype(), DType.FLOAT32));
    Tensor g = gamma == null ? null : Ops.cast(gamma.value(), x.dtype());
    Tensor b = beta == null ? null : Ops.cast(beta.value(), x.dtype());
    Tensor mean = Ops.cast(movingMean.value(), x.dtype());
    Tensor variance = Ops.cast(movingVariance.value(), x.dtype());
    if (ctx.training() && trainable()) {
      List<Tensor> moments = moments(x, mask);
      if (renorm == null) {
        move(movingMean, mean, moments.get(0));
        move(movingVariance, variance, moments.get(1));
      }
      mean = moments.get(0);
      variance = moments.get(1);
      if (renorm != null) {
        Tensor[] corrected = renorm.apply(mean, variance, g, b, movingMean, movingVariance);
        g = corrected[0];
        b = corrected[1];
      }
    }
    Tensor y = Normalizations.batchNormalization(x, mean, variance, axis, b, g, epsilon);
    return Ops.cast(y, policy().compute());
  }

  private void move(Variable v, Tensor old, Tensor batch) {
    v.assign(Ops.cast(old.times(momentum).plus(batch.times(1 - momentum)), v.dtype()));
  }

  private List<Tensor> moments(Tensor x, Tensor mask) {
    int[] axes = NormAxes.others(x.rank(), x.shape().axis(axis));
    if (mask == null) {
      return Normalizations.moments(x, axes, false);
    }
    Tensor keep = Ops.broadcastTo(Ops.expandDims(Ops.cast(mask, DType.BOOL), -1), x.shape());
    Tensor count = Ops.sum(Ops.cast(keep, x.dtype()), axes, true).plus(1e-7);
    Tensor mean = Ops.sum(Ops.where(keep, x, 0), axes, true).divide(count);
    Tensor away = Ops.where(keep, x.minus(mean), 0);
    Tensor variance = Ops.sum(Ops.square(away), axes, true).divide(count);
    return List.of(Ops.reshape(mean, -1), Ops.reshape(variance, -1));
  }
}
