package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolution over one spatial axis: each filter is a weighted sum over a moving window.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, new steps, filters)}. Weights:
 * {@code kernel (window…, channels / groups, filters)}, {@code bias} of the output's channels
 * unless {@code use_bias} is false.
 */
public final class Conv1D extends ConvLayer {
  public static final LayerType<Conv1D> TYPE = LayerType.keras("Conv1D", Conv1D::new);

  /** A layer of {@code filters} outputs; the window has one size for all axes or one per axis. */
  public Conv1D(int filters, int... kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public Conv1D(Config config) {
    super(TYPE, config, Kind.PLAIN, 1);
  }

  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link Conv1D}. */
  public static final class Builder extends ConvBuilder<Conv1D, Builder> {
    private Builder(int filters, int... kernelSize) {
      super("kernel", filters, kernelSize);
    }

    /** Number of blocks of channels that see only their own block of filters; default 1. */
    public Builder groups(int groups) {
      return set("groups", groups);
    }

    @Override
    public Conv1D build() {
      return new Conv1D(config());
    }
  }
}
