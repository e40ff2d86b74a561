package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A transposed convolution over three spatial axes, the gradient of a convolution: each input
 * spreads over a window.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, filters)}. Weights: {@code kernel (window…, filters, channels)}, {@code bias}
 * of the output's channels unless {@code use_bias} is false.
 */
public final class Conv3DTranspose extends ConvLayer {
  public static final LayerType<Conv3DTranspose> TYPE =
      LayerType.keras("Conv3DTranspose", Conv3DTranspose::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public Conv3DTranspose(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public Conv3DTranspose(Config config) {
    super(TYPE, config, Kind.TRANSPOSED, 3);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link Conv3DTranspose}. */
  public static final class Builder extends ConvBuilder<Conv3DTranspose, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("kernel", filters, kernelSize);
    }

    /** Elements added at the end of each axis, less than the strides; default: chosen. */
    public Builder outputPadding(int... padding) {
      return set("output_padding", oneOrAll(padding));
    }

    @Override
    public Conv3DTranspose build() {
      return new Conv3DTranspose(config());
    }
  }
}
