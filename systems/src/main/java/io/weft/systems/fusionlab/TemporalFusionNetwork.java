package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The temporal fusion transformer of Lim et al. 2021 up to its output projections: the past is
 * encoded with past features, the horizon decoded with those known ahead, and no step sees a later
 * one.
 *
 * <pre>
 *   c_s, c_e, c_h, c_c = GRN(VSN(static))
 *   ξ = [VSN(dynamic, c_s); VSN(future, c_s)] over time        zeros where no future is known
 *   φ = GateAddNorm([LSTM_enc(ξ past, from c_h, c_c); LSTM_dec(ξ horizon, from its end)], ξ)
 *   θ = GRN(φ, c_e);   δ = GateAddNorm(InterpretableAttention(θ), θ)
 *   y = GateAddNorm(GRN(δ), φ) at the steps of the horizon
 * </pre>
 *
 * <p>Inputs: a list of {@code static (batch, Ns)} unless {@code static_input_dim} is 0, {@code
 * dynamic (batch, T, Nd)}, {@code future (batch, Tf, Nf)} unless {@code future_input_dim} is 0; Tf
 * is the horizon, or at least T + horizon, counted from the start of the past. Output: {@code
 * (batch, forecast_horizon, hidden_units)}.
 */
public final class TemporalFusionNetwork extends Layer {
  public static final LayerType<TemporalFusionNetwork> TYPE =
      LayerType.custom(
              "weft.systems.fusionlab", "TemporalFusionNetwork", TemporalFusionNetwork::new)
          .takesList()
          .args("training");

  private final int units;
  private final int horizon;
  private final int[] lstmUnits;
  private final VariableSelectionNetwork fixedSelection;
  private final VariableSelectionNetwork pastSelection;
  private final VariableSelectionNetwork futureSelection;
  private final GatedResidualNetwork selectionContext;
  private final GatedResidualNetwork enrichmentContext;
  private final List<GatedResidualNetwork> stateContexts;
  private final List<LSTM> encoder;
  private final List<LSTM> decoder;
  private final GatedSkip afterLstm;
  private final GatedResidualNetwork enrichment;
  private final InterpretableMultiHeadAttention attention;
  private final GatedSkip afterAttention;
  private final GatedResidualNetwork positionwise;
  private final GatedSkip last;

  /** Restores a layer from its config. */
  public TemporalFusionNetwork(Config config) {
    super(TYPE, config);
    int fixedDim = args.integer("static_input_dim", 0);
    int pastDim = args.positiveInt("dynamic_input_dim");
    int futureDim = args.integer("future_input_dim", 0);
    units = args.positiveInt("hidden_units", 32);
    int heads = args.positiveInt("num_heads", 4);
    double rate = args.fraction("dropout_rate", 0.1);
    horizon = args.positiveInt("forecast_horizon", 1);
    String activation = Parts.activation(args, "activation", "elu");
    boolean batchNorm = args.bool("use_batch_norm", false);
    int layers = args.positiveInt("num_lstm_layers", 1);
    lstmUnits = Lstms.units(args, layers, units, false);
    double recurrentRate = args.fraction("recurrent_dropout_rate", 0.0);
    Config common =
        Config.of(
            "dropout_rate",
            rate,
            "activation",
            activation,
            "use_batch_norm",
            batchNorm,
            "dtype",
            policy());
    Config network = common.with("gate_source", "hidden").with("units", units);
    boolean hasFixed = fixedDim > 0;
    fixedSelection = hasFixed ? selection("static_vsn", common, fixedDim, false) : null;
    pastSelection = selection("dynamic_vsn", common, pastDim, true);
    futureSelection = futureDim > 0 ? selection("future_vsn", common, futureDim, true) : null;
    selectionContext = hasFixed ? network("static_grn_for_vsns", network) : null;
    enrichmentContext = hasFixed ? network("static_grn_for_enrichment", network) : null;
    stateContexts = hasFixed ? states(network, layers) : List.of();
    encoder = trackAll("encoder", Lstms.stack(lstmUnits, rate, recurrentRate, true, policy()));
    decoder = trackAll("decoder", Lstms.stack(lstmUnits, rate, recurrentRate, false, policy()));
    afterLstm = gate("lstm_gate", rate);
    enrichment = network("static_enrichment_grn", network);
    attention =
        track(
            "attention",
            fromConfig(
                InterpretableMultiHeadAttention.TYPE,
                Config.of("units", units, "num_heads", heads, "dtype", policy())));
    afterAttention = gate("attention_gate", rate);
    positionwise = network("positionwise_grn", network);
    last = gate("output_gate", rate);
  }

  private VariableSelectionNetwork selection(
      String attribute, Config common, int variables, boolean overTime) {
    Config c =
        common
            .with("num_inputs", variables)
            .with("units", units)
            .with("use_time_distributed", overTime)
            .with("scorer", "grn");
    return track(attribute, fromConfig(VariableSelectionNetwork.TYPE, c));
  }

  private GatedResidualNetwork network(String attribute, Config config) {
    return track(attribute, fromConfig(GatedResidualNetwork.TYPE, config));
  }

  /** The first states h and c of each layer. */
  private List<GatedResidualNetwork> states(Config network, int layers) {
    List<GatedResidualNetwork> all = new ArrayList<>();
    for (int i = 0; i < 2 * layers; i++) {
      Config c = network.with("units", lstmUnits[i / 2]);
      all.add(fromConfig(GatedResidualNetwork.TYPE, c));
    }
    return trackAll("static_grns_for_states", all);
  }

  private GatedSkip gate(String attribute, double rate) {
    Config c = Config.of("units", units, "dropout_rate", rate, "dtype", policy());
    return track(attribute, fromConfig(GatedSkip.TYPE, c));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    int count = 1 + (fixedSelection == null ? 0 : 1) + (futureSelection == null ? 0 : 1);
    if (inputs.size() != count) {
      throw new ShapeException(
          label() + ": expected " + count + " inputs. Received: " + inputs.size());
    }
    Tensor fixed = fixedSelection == null ? null : fixedSelection.apply(inputs.get(0));
    Tensor context = fixed == null ? null : selectionContext.apply(fixed);
    Tensor past = inputs.get(fixed == null ? 0 : 1);
    int steps = past.dim(1);
    Tensor xi = select(pastSelection, past, context);
    Tensor ahead =
        futureSelection == null
            ? Ops.zeros(Shape.of(past.dim(0), horizon, units), xi.dtype())
            : select(futureSelection, horizonOf(inputs.get(count - 1), steps), context);
    Tensor both = Ops.concatenate(List.of(xi, ahead), 1);
    Tensor phi = afterLstm.apply(recurrent(xi, ahead, fixed), both);
    Tensor theta =
        fixed == null
            ? enrichment.apply(phi)
            : enrichment.apply(phi, enrichmentContext.apply(fixed));
    Tensor delta = afterAttention.apply(attention.apply(theta), theta);
    Tensor y = last.apply(positionwise.apply(tail(delta)), tail(phi));
    return List.of(y);
  }

  private Tensor tail(Tensor x) {
    return ForecastHeads.lastSteps(x, horizon);
  }

  private static Tensor select(VariableSelectionNetwork network, Tensor x, Tensor context) {
    return context == null ? network.apply(x) : network.apply(x, context);
  }

  /** The features known of the steps to forecast. */
  Tensor horizonOf(Tensor future, int steps) {
    int n = future.dim(1);
    if (n != horizon && n < steps + horizon) {
      throw new ShapeException(
          label()
              + ": future: expected "
              + horizon
              + " steps (the horizon), or at least "
              + (steps + horizon)
              + " (the past and the horizon). Received: "
              + n);
    }
    int from = n == horizon ? 0 : steps;
    return n == horizon ? future : future.get(Index.all(), Index.range(from, from + horizon));
  }

  /** Each layer of the decoder goes on from where that of the encoder ended. */
  private Tensor recurrent(Tensor past, Tensor ahead, Tensor fixed) {
    Tensor x = past;
    Tensor y = ahead;
    for (int i = 0; i < encoder.size(); i++) {
      CallArgs start = CallArgs.NONE;
      if (fixed != null) {
        Tensor h = stateContexts.get(2 * i).apply(fixed);
        Tensor c = stateContexts.get(2 * i + 1).apply(fixed);
        start = CallArgs.of("initial_state", List.of(h, c));
      }
      List<Tensor> encoded = encoder.get(i).applyAll(List.of(x), start);
      x = encoded.get(0);
      CallArgs state = CallArgs.of("initial_state", encoded.subList(1, 3));
      y = decoder.get(i).apply(List.of(y), state);
    }
    return Ops.concatenate(List.of(x, y), 1);
  }

  /**
   * The importances of the static, the past and the future variables, null where there are none.
   */
  List<Tensor> importances(Tensor fixed, Tensor past, Tensor future) {
    Tensor context = fixed == null ? null : selectionContext.apply(fixedSelection.apply(fixed));
    List<Tensor> out = new ArrayList<>();
    out.add(fixed == null ? null : fixedSelection.importances(fixed, null));
    out.add(pastSelection.importances(past, context));
    out.add(
        future == null
            ? null
            : futureSelection.importances(horizonOf(future, past.dim(1)), context));
    return out;
  }
}
