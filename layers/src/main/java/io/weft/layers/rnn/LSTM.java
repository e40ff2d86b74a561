package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;

/**
 * A long short-term memory (Hochreiter and Schmidhuber, 1997); its states are {@code h, c}.
 *
 * <p>Weights: those of {@link LSTMCell}. Inputs, output, masks and call arguments: see {@link
 * RecurrentLayer}.
 */
public final class LSTM extends RecurrentLayer {
  public static final LayerType<LSTM> TYPE = signature(LayerType.keras("LSTM", LSTM::new));

  /** The last output, with default options. */
  public LSTM(int units) {
    this(builder(units).config());
  }

  /** Restores a layer from its config. */
  public LSTM(Config config) {
    super(TYPE, config);
    setInputSpec(InputSpec.rank(3));
    makeCell(
        LSTMCell.TYPE,
        "lstm_cell",
        "units",
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

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link LSTM}. */
  public static final class Builder extends CellBuilder<LSTM, Builder>
      implements RecurrentOptions<Builder> {
    private Builder(int units) {
      super(units);
    }

    /** The function of the gates; default sigmoid. */
    public Builder recurrentActivation(Object activation) {
      return set("recurrent_activation", activation);
    }

    /** Whether the forget gate's bias starts at one; default true. */
    public Builder unitForgetBias(boolean on) {
      return set("unit_forget_bias", on);
    }

    @Override
    public LSTM build() {
      return fromConfig(TYPE, config());
    }
  }
}
