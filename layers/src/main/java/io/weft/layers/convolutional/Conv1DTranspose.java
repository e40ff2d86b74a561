package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A transposed convolution over one spatial axis, the gradient of a convolution: each input spreads
 * over a window.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, filters)}. Weights:
 * {@code kernel (window…, filters, channels)}, {@code bias} of the output's channels unless {@code
 * use_bias} is false.
 */
public final class Conv1DTranspose extends ConvLayer {
  public static final LayerType<Conv1DTranspose> TYPE =
      LayerType.keras("Conv1DTranspose", Conv1DTranspose::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public Conv1DTranspose(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public Conv1DTranspose(Config config) {
    super(TYPE, config, Kind.TRANSPOSED, 1);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link Conv1DTranspose}. */
  public static final class Builder extends ConvBuilder<Conv1DTranspose, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("kernel", filters, kernelSize);
    }

    /** Elements added at the end of each axis, less than the strides; default: chosen. */
    public Builder outputPadding(int... padding) {
      return set("output_padding", oneOrAll(padding));
    }

    @Override
    public Conv1DTranspose build() {
      return new Conv1DTranspose(config());
    }
  }
}
