package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;

/** Convolutional LSTM layers of any number of spatial axes (Shi et al., 2015). */
abstract class ConvLSTM extends RecurrentLayer {
  ConvLSTM(LayerType<?> type, Config config, int rank) {
    super(type, config);
    setInputSpec(InputSpec.rank(rank + 3));
    makeCell(
        ConvLSTMCell.type(rank),
        "conv_lstm_cell",
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "activation",
        "recurrent_activation",
        "use_bias",
        "kernel_initializer",
        "recurrent_initializer",
        "bias_initializer",
        "unit_forget_bias",
        "kernel_regularizer",
        "recurrent_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "kernel_constraint",
        "recurrent_constraint",
        "bias_constraint",
        "dropout",
        "recurrent_dropout",
        "seed");
  }

  /**
   * Optional settings of these layers.
   *
   * @param <L> the layer
   * @param <B> the builder itself
   */
  public abstract static class Options<L extends Layer, B extends Options<L, B>>
      extends CellBuilder<L, B> implements RecurrentOptions<B> {
    Options(int filters, int[] window) {
      set("filters", filters);
      set("kernel_size", window.length == 1 ? (Object) window[0] : window);
    }

    /** Steps of the window; default 1. */
    public final B strides(int... strides) {
      return set("strides", strides);
    }

    /** {@code valid} (default) or {@code same}. */
    public final B padding(String padding) {
      return set("padding", padding);
    }

    /** {@code channels_last} (default) or {@code channels_first}. */
    public final B dataFormat(String format) {
      return set("data_format", format);
    }

    /** Distance between elements of the window; default 1. */
    public final B dilationRate(int... rate) {
      return set("dilation_rate", rate);
    }

    /** The function of the gates; default sigmoid. */
    public final B recurrentActivation(Object activation) {
      return set("recurrent_activation", activation);
    }

    /** Whether the forget gate's bias starts at one; default true. */
    public final B unitForgetBias(boolean on) {
      return set("unit_forget_bias", on);
    }
  }
}
