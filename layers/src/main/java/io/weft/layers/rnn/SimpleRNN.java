package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;

/**
 * A fully connected recurrent layer: at each step {@code h = activation(x·W + b + h·U)}. As in
 * Keras, an activity regularizer is dropped.
 *
 * <p>Weights: those of {@link SimpleRNNCell}. Inputs, output, masks and call arguments: see {@link
 * RecurrentLayer}.
 */
public final class SimpleRNN extends RecurrentLayer {
  public static final LayerType<SimpleRNN> TYPE =
      signature(LayerType.keras("SimpleRNN", SimpleRNN::new));

  /** The last output, with default options. */
  public SimpleRNN(int units) {
    this(builder(units).config());
  }

  /** Restores a layer from its config. */
  public SimpleRNN(Config config) {
    super(TYPE, config);
    setInputSpec(InputSpec.rank(3));
    takeActivityRegularizer();
    makeCell(
        SimpleRNNCell.TYPE,
        "simple_rnn_cell",
        "units",
        "activation",
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
        "seed");
    args.forget("seed");
    args.note("activity_regularizer", null);
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link SimpleRNN}. */
  public static final class Builder extends CellBuilder<SimpleRNN, Builder>
      implements RecurrentOptions<Builder> {
    private Builder(int units) {
      super(units);
    }

    @Override
    public SimpleRNN build() {
      return fromConfig(TYPE, config());
    }
  }
}
