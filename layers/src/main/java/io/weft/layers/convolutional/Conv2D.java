package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolution over two spatial axes: each filter is a weighted sum over a moving window.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * filters)}. Weights: {@code kernel (window…, channels / groups, filters)}, {@code bias} of the
 * output's channels unless {@code use_bias} is false.
 */
public final class Conv2D extends ConvLayer {
  public static final LayerType<Conv2D> TYPE = LayerType.keras("Conv2D", Conv2D::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public Conv2D(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public Conv2D(Config config) {
    super(TYPE, config, Kind.PLAIN, 2);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link Conv2D}. */
  public static final class Builder extends ConvBuilder<Conv2D, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("kernel", filters, kernelSize);
    }

    /** Number of blocks of channels that see only their own block of filters; default 1. */
    public Builder groups(int groups) {
      return set("groups", groups);
    }

    @Override
    public Conv2D build() {
      return new Conv2D(config());
    }
  }
}
