package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolution of each channel by itself, then one of all channels at each point.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, filters)}. Weights:
 * {@code depthwise_kernel (window…, channels, depth_multiplier)}, {@code pointwise_kernel (1…,
 * channels · depth_multiplier, filters)}, {@code bias} of the output's channels unless {@code
 * use_bias} is false.
 */
public final class SeparableConv1D extends ConvLayer {
  public static final LayerType<SeparableConv1D> TYPE =
      LayerType.keras("SeparableConv1D", SeparableConv1D::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public SeparableConv1D(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public SeparableConv1D(Config config) {
    super(TYPE, config, Kind.SEPARABLE, 1);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link SeparableConv1D}. */
  public static final class Builder extends ConvBuilder<SeparableConv1D, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("depthwise", filters, kernelSize);
    }

    /** Outputs per channel of the depthwise step; default 1. */
    public Builder depthMultiplier(int multiplier) {
      return set("depth_multiplier", multiplier);
    }

    /** How the pointwise kernel starts, by name; default {@code glorot_uniform}. */
    public Builder pointwiseInitializer(String name) {
      return set("pointwise_initializer", name);
    }

    @Override
    public SeparableConv1D build() {
      return new SeparableConv1D(config());
    }
  }
}
