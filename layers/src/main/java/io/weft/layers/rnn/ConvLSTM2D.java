package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolutional LSTM over sequences with two spatial axes.
 *
 * <p>Input: {@code (batch, steps, rows, columns, channels)}, with {@code channels_first} the
 * channels behind the steps. Output: {@code (batch[, steps], new rows, new columns, filters)}; the
 * states have the shape of one step. Weights: kernel {@code (window…, channels, 4·filters)},
 * recurrent_kernel {@code (window…, filters, 4·filters)}, bias {@code (4·filters)}. Masks and call
 * arguments: see {@link RecurrentLayer}.
 */
public final class ConvLSTM2D extends ConvLSTM {
  public static final LayerType<ConvLSTM2D> TYPE =
      signature(LayerType.keras("ConvLSTM2D", ConvLSTM2D::new));

  /** A window of equal sizes with default options. */
  public ConvLSTM2D(int filters, int kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public ConvLSTM2D(Config config) {
    super(TYPE, config, 2);
  }

  /** One size of the window for all axes, or one for each. */
  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link ConvLSTM2D}. */
  public static final class Builder extends Options<ConvLSTM2D, Builder> {
    private Builder(int filters, int[] window) {
      super(filters, window);
    }

    @Override
    public ConvLSTM2D build() {
      return fromConfig(TYPE, config());
    }
  }
}
