package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;

/**
 * A layer of gated recurrent units (Cho et al., 2014).
 *
 * <p>Weights: those of {@link GRUCell}. Inputs, output, masks and call arguments: see {@link
 * RecurrentLayer}.
 */
public final class GRU extends RecurrentLayer {
  public static final LayerType<GRU> TYPE = signature(LayerType.keras("GRU", GRU::new));

  /** The last output, with default options. */
  public GRU(int units) {
    this(builder(units).config());
  }

  /** Restores a layer from its config. */
  public GRU(Config config) {
    super(TYPE, config);
    setInputSpec(InputSpec.rank(3));
    makeCell(
        GRUCell.TYPE,
        "gru_cell",
        "units",
        "activation",
        "recurrent_activation",
        "use_bias",
        "kernel_initializer",
        "recurrent_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "recurrent_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "kernel_constraint",
        "recurrent_constraint",
        "bias_constraint",
        "dropout",
        "recurrent_dropout",
        "reset_after",
        "seed");
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link GRU}. */
  public static final class Builder extends CellBuilder<GRU, Builder>
      implements RecurrentOptions<Builder> {
    private Builder(int units) {
      super(units);
    }

    /** The function of the gates; default sigmoid. */
    public Builder recurrentActivation(Object activation) {
      return set("recurrent_activation", activation);
    }

    /** Whether the reset gate acts after the matrix product (as cuDNN does); default true. */
    public Builder resetAfter(boolean on) {
      return set("reset_after", on);
    }

    @Override
    public GRU build() {
      return fromConfig(TYPE, config());
    }
  }
}
