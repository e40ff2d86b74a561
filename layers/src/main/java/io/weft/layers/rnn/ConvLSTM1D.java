package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolutional LSTM over sequences with one spatial axis.
 *
 * <p>Input: {@code (batch, steps, rows, channels)}, with {@code channels_first} the channels behind
 * the steps. Output: {@code (batch[, steps], new rows, filters)}; the states have the shape of one
 * step. Weights: kernel {@code (window…, channels, 4·filters)}, recurrent_kernel {@code (window…,
 * filters, 4·filters)}, bias {@code (4·filters)}. Masks and call arguments: see {@link
 * RecurrentLayer}.
 */
public final class ConvLSTM1D extends ConvLSTM {
  public static final LayerType<ConvLSTM1D> TYPE =
      signature(LayerType.keras("ConvLSTM1D", ConvLSTM1D::new));

  /** A window of equal sizes with default options. */
  public ConvLSTM1D(int filters, int kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public ConvLSTM1D(Config config) {
    super(TYPE, config, 1);
  }

  /** One size of the window for all axes, or one for each. */
  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link ConvLSTM1D}. */
  public static final class Builder extends Options<ConvLSTM1D, Builder> {
    private Builder(int filters, int[] window) {
      super(filters, window);
    }

    @Override
    public ConvLSTM1D build() {
      return fromConfig(TYPE, config());
    }
  }
}
