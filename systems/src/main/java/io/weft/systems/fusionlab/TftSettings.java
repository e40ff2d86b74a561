package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.rnn.LSTM;
import io.weft.layers.wrapper.TimeDistributed;
import java.util.List;

/**
 * The arguments that temporal fusion transformers share, and the parts made after them.
 *
 * @param units width of all hidden layers
 * @param heads heads of the attention
 * @param rate dropout
 * @param recurrentRate dropout of the states of LSTMs
 * @param horizon steps to forecast
 * @param quantiles levels, or null
 * @param activation hidden function, or null
 * @param batchNorm whether hidden layers are normalized over the batch
 * @param lstmUnits width of each LSTM
 * @param policy dtypes of the parts
 */
record TftSettings(
    int units,
    int heads,
    double rate,
    double recurrentRate,
    int horizon,
    double[] quantiles,
    String activation,
    boolean batchNorm,
    int[] lstmUnits,
    DTypePolicy policy) {

  /**
   * Reads the arguments in the original's order, from {@code hidden_units} to {@code lstm_units}.
   */
  static TftSettings read(
      Args args, DTypePolicy policy, boolean recurrentDropout, boolean fewerLstms) {
    int units = args.positiveInt("hidden_units", 32);
    int heads = args.positiveInt("num_heads", 4);
    double rate = args.fraction("dropout_rate", 0.1);
    double recurrentRate = recurrentDropout ? args.fraction("recurrent_dropout_rate", 0.0) : 0;
    int horizon = args.positiveInt("forecast_horizon", 1);
    double[] quantiles = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    String activation = Parts.activation(args, "activation", "elu");
    boolean batchNorm = args.bool("use_batch_norm", false);
    int layers = args.positiveInt("num_lstm_layers", 1);
    int[] lstmUnits = Lstms.units(args, layers, units, fewerLstms);
    return new TftSettings(
        units,
        heads,
        rate,
        recurrentRate,
        horizon,
        quantiles,
        activation,
        batchNorm,
        lstmUnits,
        policy);
  }

  private Config common() {
    return Config.of(
        "dropout_rate",
        rate,
        "activation",
        activation,
        "use_batch_norm",
        batchNorm,
        "dtype",
        policy);
  }

  VariableSelectionNetwork selection(int variables, boolean overTime) {
    return Layer.fromConfig(
        VariableSelectionNetwork.TYPE,
        common()
            .with("num_inputs", variables)
            .with("units", units)
            .with("use_time_distributed", overTime));
  }

  GatedResidualNetwork grn(int width) {
    return Parts.grn(width, rate, activation, batchNorm, policy);
  }

  TemporalAttentionLayer attention() {
    return Layer.fromConfig(
        TemporalAttentionLayer.TYPE, common().with("units", units).with("num_heads", heads));
  }

  StaticEnrichmentLayer staticEnrichment() {
    return Layer.fromConfig(
        StaticEnrichmentLayer.TYPE, common().without("dropout_rate").with("units", units));
  }

  PositionalEncoding positions(Release release) {
    return Layer.fromConfig(
        PositionalEncoding.TYPE, Config.of("layout", release.text(), "dtype", policy));
  }

  List<LSTM> lstms() {
    return Lstms.stack(lstmUnits, rate, recurrentRate, false, policy);
  }

  List<TimeDistributed> heads(int outputs) {
    return ForecastHeads.of(quantiles, outputs, policy);
  }

  /** The paper's layout for inputs of these widths, 0 for none. */
  TemporalFusionNetwork network(int staticDim, int dynamicDim, int futureDim) {
    return Layer.fromConfig(
        TemporalFusionNetwork.TYPE,
        common()
            .with("static_input_dim", staticDim)
            .with("dynamic_input_dim", dynamicDim)
            .with("future_input_dim", futureDim)
            .with("hidden_units", units)
            .with("num_heads", heads)
            .with("forecast_horizon", horizon)
            .with("num_lstm_layers", lstmUnits.length)
            .with("lstm_units", lstmUnits)
            .with("recurrent_dropout_rate", recurrentRate));
  }
}
