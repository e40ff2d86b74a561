package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * A hybrid attentive LSTM network, as fusionlab's model of this name: see {@link AttentiveModel}.
 * The encoder is {@link MultiScaleLSTM}, the decoder has all three attentions.
 *
 * <p>{@code mode} is {@code tft_like} by default. {@code multi_scale_agg} has no effect, as in the
 * original: the decoder attends to the sequences of all scales. Inputs: those of {@link
 * ForecastingModel} that have a width. Output: {@code (batch, horizon, outputs)}, or {@code (batch,
 * horizon, quantiles, outputs)}.
 */
public final class HALNet extends AttentiveModel {
  public static final LayerType<HALNet> TYPE =
      LayerType.custom("fusionlab.nn.models._halnet", "HALNet", HALNet::new)
          .takesList()
          .args("training");

  /** Restores a model from its config. */
  public HALNet(Config config) {
    super(TYPE, config, "HALNet");
    int staticDim = AttentiveSettings.width(args, "static_input_dim");
    int dynamicDim = args.positiveInt("dynamic_input_dim");
    int futureDim = AttentiveSettings.width(args, "future_input_dim");
    int outputs = args.positiveInt("output_dim", 1);
    int horizon = args.positiveInt("forecast_horizon", 1);
    double[] quantiles = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    int embed = args.positiveInt("embed_dim", 32);
    int hidden = args.positiveInt("hidden_units", 64);
    int lstm = args.positiveInt("lstm_units", 64);
    int attention = args.positiveInt("attention_units", 32);
    int heads = args.positiveInt("num_heads", 4);
    double rate = args.fraction("dropout_rate", 0.1);
    int window = args.positiveInt("max_window_size", 10);
    int memory = args.positiveInt("memory_size", 100);
    int[] scales = Parts.scales(args, "scales");
    AttentiveSettings.multiScaleAggregation(args);
    String aggregation = AttentiveSettings.aggregation(args);
    String activation = Parts.activation(args, "activation", "relu");
    boolean residuals = args.bool("use_residuals", true);
    boolean selects = args.bool("use_vsn", true);
    int selected = AttentiveSettings.selected(args, hidden);
    String mode = AttentiveSettings.mode(args, "tft_like");
    args.note("mode", mode);
    settle(
        new Settings(
            staticDim,
            dynamicDim,
            futureDim,
            outputs,
            horizon,
            quantiles,
            embed,
            hidden,
            lstm,
            attention,
            heads,
            rate,
            window,
            memory,
            scales,
            aggregation,
            activation,
            residuals,
            selected,
            mode.equals("tft_like"),
            Release.of(args)));
    if (selects) {
      makeSelections();
    }
    makeDecoderInput();
    if (!selects) {
      makeDense();
    }
    makePositions();
    makeLstms();
    makeCross();
    makeHierarchical();
    makeMemory();
    makeOutputs();
    if (residuals) {
      makeResidualNorms();
      makeResidualDense();
    }
  }

  @Override
  boolean staticFirst() {
    return false;
  }

  /** A model of inputs of these widths, 0 for none. */
  public static Builder builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
    return new Builder(staticInputDim, dynamicInputDim, futureInputDim);
  }

  /** Optional settings of {@link HALNet}. */
  public static final class Builder extends AttentiveBuilder<HALNet, Builder> {
    private Builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
      super(staticInputDim, dynamicInputDim, futureInputDim);
    }

    @Override
    public HALNet build() {
      return fromConfig(TYPE, config());
    }
  }
}
