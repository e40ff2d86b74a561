package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A transposed convolution over two spatial axes, the gradient of a convolution: each input spreads
 * over a window.
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows,new new cols,
 * filters)}. Weights: {@code kernel (window…, filters, channels)}, {@code bias} of the output's
 * channels unless {@code use_bias} is false.
 */
public final class Conv2DTranspose extends ConvLayer {
  public static final LayerType<Conv2DTranspose> TYPE =
      LayerType.keras("Conv2DTranspose", Conv2DTranspose::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public Conv2DTranspose(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public Conv2DTranspose(Config config) {
    super(TYPE, config, Kind.TRANSPOSED, 2);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link Conv2DTranspose}. */
  public static final class Builder extends ConvBuilder<Conv2DTranspose, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("kernel", filters, kernelSize);
    }

    /** Elements added at the end of each axis, less than the strides; default: chosen. */
    public Builder outputPadding(int... padding) {
      return set("output_padding", oneOrAll(padding));
    }

    @Override
    public Conv2DTranspose build() {
      return new Conv2DTranspose(config());
    }
  }
}
