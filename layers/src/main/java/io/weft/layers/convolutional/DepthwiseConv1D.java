package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolution of each channel by itself over one spatial axis.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, channels ·
 * depth_multiplier)}. Weights: {@code kernel (window…, channels, depth_multiplier)}, {@code bias}
 * of the output's channels unless {@code use_bias} is false.
 */
public final class DepthwiseConv1D extends ConvLayer {
  public static final LayerType<DepthwiseConv1D> TYPE =
      LayerType.keras("DepthwiseConv1D", DepthwiseConv1D::new);

  /** A window of one size for all axes or one per axis. */
  public DepthwiseConv1D(int... kernelSize) {
    this(builder(kernelSize).config());
  }

  /** Restores a layer from its config. */
  public DepthwiseConv1D(Config config) {
    super(TYPE, config, Kind.DEPTHWISE, 1);
  }

  public static Builder builder(int... kernelSize) {
    return new Builder(kernelSize);
  }

  /** Optional settings of {@link DepthwiseConv1D}. */
  public static final class Builder extends ConvBuilder<DepthwiseConv1D, Builder> {
    private Builder(int... kernelSize) {
      super("depthwise", null, kernelSize);
    }

    /** Outputs per channel of the depthwise step; default 1. */
    public Builder depthMultiplier(int multiplier) {
      return set("depth_multiplier", multiplier);
    }

    @Override
    public DepthwiseConv1D build() {
      return new DepthwiseConv1D(config());
    }
  }
}
