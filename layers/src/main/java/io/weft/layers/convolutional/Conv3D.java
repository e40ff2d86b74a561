package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolution over three spatial axes: each filter is a weighted sum over a moving window.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, filters)}. Weights: {@code kernel (window…, channels / groups, filters)},
 * {@code bias} of the output's channels unless {@code use_bias} is false.
 */
public final class Conv3D extends ConvLayer {
  public static final LayerType<Conv3D> TYPE = LayerType.keras("Conv3D", Conv3D::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public Conv3D(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public Conv3D(Config config) {
    super(TYPE, config, Kind.PLAIN, 3);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link Conv3D}. */
  public static final class Builder extends ConvBuilder<Conv3D, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("kernel", filters, kernelSize);
    }

    /** Number of blocks of channels that see only their own block of filters; default 1. */
    public Builder groups(int groups) {
      return set("groups", groups);
    }

    @Override
    public Conv3D build() {
      return new Conv3D(config());
    }
  }
}
