package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolution of each channel by itself over two spatial axes.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * channels · depth_multiplier)}. Weights: {@code kernel (window…, channels, depth_multiplier)},
 * {@code bias} of the output's channels unless {@code use_bias} is false.
 */
public final class DepthwiseConv2D extends ConvLayer {
  public static final LayerType<DepthwiseConv2D> TYPE =
      LayerType.keras("DepthwiseConv2D", DepthwiseConv2D::new);

  /** A window of one size for all axes or one per axis. */
  public DepthwiseConv2D(int... kernelSize) {
    this(builder(kernelSize).config());
  }

  /** Restores a layer from its config. */
  public DepthwiseConv2D(Config config) {
    super(TYPE, config, Kind.DEPTHWISE, 2);
  }

  public static Builder builder(int... kernelSize) {
    return new Builder(kernelSize);
  }

  /** Optional settings of {@link DepthwiseConv2D}. */
  public static final class Builder extends ConvBuilder<DepthwiseConv2D, Builder> {
    private Builder(int... kernelSize) {
      super("depthwise", null, kernelSize);
    }

    /** Outputs per channel of the depthwise step; default 1. */
    public Builder depthMultiplier(int multiplier) {
      return set("depth_multiplier", multiplier);
    }

    @Override
    public DepthwiseConv2D build() {
      return new DepthwiseConv2D(config());
    }
  }
}
