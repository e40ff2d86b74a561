package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A convolutional LSTM over sequences with three spatial axes.
 *
 * <p>Input: {@code (batch, steps, depth, rows, columns, channels)}, with {@code channels_first} the
 * channels behind the steps. Output: {@code (batch[, steps], new depth, new rows, new columns,
 * filters)}; the states have the shape of one step. Weights: kernel {@code (window…, channels,
 * 4·filters)}, recurrent_kernel {@code (window…, filters, 4·filters)}, bias {@code (4·filters)}.
 * Masks and call arguments: see {@link RecurrentLayer}.
 */
public final class ConvLSTM3D extends ConvLSTM {
  public static final LayerType<ConvLSTM3D> TYPE =
      signature(LayerType.keras("ConvLSTM3D", ConvLSTM3D::new));

  /** A window of equal sizes with default options. */
  public ConvLSTM3D(int filters, int kernelSize) {
    this(builder(filters, kernelSize).config());
  }

  /** Restores a layer from its config. */
  public ConvLSTM3D(Config config) {
    super(TYPE, config, 3);
  }

  /** One size of the window for all axes, or one for each. */
  public static Builder builder(int filters, int... kernelSize) {
    return new Builder(filters, kernelSize);
  }

  /** Optional settings of {@link ConvLSTM3D}. */
  public static final class Builder extends Options<ConvLSTM3D, Builder> {
    private Builder(int filters, int[] window) {
      super(filters, window);
    }

    @Override
    public ConvLSTM3D build() {
      return fromConfig(TYPE, config());
    }
  }
}
