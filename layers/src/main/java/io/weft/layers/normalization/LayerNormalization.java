package io.weft.layers.normalization;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layer.WeightOptions;
import io.weft.ops.Normalizations;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * {@code y = (x − mean) / √(variance + epsilon) · gamma + beta} with the statistics of each sample
 * over {@code axis} (Ba et al. 2016), in at least float32. With {@code rms_scaling}, which Keras
 * keeps for old files, {@code y = x / √(variance + epsilon) · gamma}.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass. Weights of the sizes of the axes: {@code
 * gamma} if {@code scale}, {@code beta} if {@code center}.
 */
public final class LayerNormalization extends UnaryLayer {
  public static final LayerType<LayerNormalization> TYPE =
      LayerType.keras("LayerNormalization", LayerNormalization::new);

  private final int[] axes;
  private final double epsilon;
  private final boolean center;
  private final boolean scale;
  private final boolean rmsScaling;
  private final WeightOptions options;
  private Variable gamma;
  private Variable beta;

  /** Over the last axis, epsilon 0.001. */
  public LayerNormalization() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public LayerNormalization(Config config) {
    super(TYPE, config);
    axes = NormAxes.some(args);
    epsilon = args.number("epsilon", 0.001);
    center = args.bool("center", true);
    scale = args.bool("scale", true);
    rmsScaling = args.bool("rms_scaling", false);
    options =
        weightOptions()
            .initializer("beta", "zeros")
            .initializer("gamma", "ones")
            .regularizers("beta", "gamma")
            .constraints("beta", "gamma");
    setSupportsMasking(true);
    setAutocast(false);
  }

  @Override
  protected void build(BuildContext b) {
    Shape shape = NormAxes.settle(args, axes, b);
    gamma = scale || rmsScaling ? options.addUncast(b, "gamma", shape, true) : null;
    beta = center && !rmsScaling ? options.addUncast(b, "beta", shape, true) : null;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor y =
        Normalizations.layerNormalization(
            x,
            gamma == null ? null : gamma.value(),
            beta == null ? null : beta.value(),
            axes,
            epsilon,
            rmsScaling);
    return Ops.cast(y, policy().compute());
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Optional settings of {@link LayerNormalization}. */
  public static final class Builder extends Layer.Builder<LayerNormalization, Builder> {
    private Builder() {}

    /** The normalized axes; default the last. */
    public Builder axis(int... axes) {
      return set("axis", axes.length == 1 ? (Object) axes[0] : axes);
    }

    /** Added to the variance; default 0.001. */
    public Builder epsilon(double epsilon) {
      return set("epsilon", epsilon);
    }

    /** Whether beta is added; default true. */
    public Builder center(boolean center) {
      return set("center", center);
    }

    /** Whether gamma multiplies; default true. */
    public Builder scale(boolean scale) {
      return set("scale", scale);
    }

    @Override
    public LayerNormalization build() {
      return new LayerNormalization(config());
    }
  }
}
