package io.weft.layers.normalization;

import io.weft.config.Config;
import io.weft.initializers.Ones;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Normalizations;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * {@code y = x / √(mean x² + epsilon) · scale} over {@code axis} (Zhang and Sennrich 2019), in at
 * least float32.
 *
 * <p>Input: any shape. Output: the same shape. Masks are dropped, as in Keras. Weights: {@code
 * scale} of the sizes of the axes.
 */
public final class RMSNormalization extends UnaryLayer {
  public static final LayerType<RMSNormalization> TYPE =
      LayerType.keras("RMSNormalization", RMSNormalization::new);

  private final int[] axes;
  private final double epsilon;
  private Variable scale;

  /** Over the last axis, epsilon 1e-6. */
  public RMSNormalization() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public RMSNormalization(Config config) {
    super(TYPE, config);
    axes = NormAxes.some(args);
    epsilon = args.number("epsilon", 1e-6);
  }

  @Override
  protected void build(BuildContext b) {
    scale = b.addWeight("scale", NormAxes.settle(args, axes, b), new Ones());
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Normalizations.rmsNormalization(x, scale.value(), axes, epsilon);
  }
}
