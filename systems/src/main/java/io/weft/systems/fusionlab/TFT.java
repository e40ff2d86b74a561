package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A temporal fusion transformer of static, past and future features, as fusionlab's model of this
 * name.
 *
 * <p>With {@code layout="paper"}, which the {@link #builder} sets, it is {@link
 * TemporalFusionNetwork} with a projection at each step of the horizon. A config without the key is
 * of fusionlab, whose layout differs:
 *
 * <pre>
 *   ζ = VSN(static);   c_s, c_e, c_h, c_c = GRN(ζ)
 *   ψ = positions([VSN(dynamic, c_s); the first T steps of VSN(future, c_s)])     by features
 *   φ = GRN(LSTM(ψ, from c_h, c_c), c_e)
 *   y = heads(GRN(TemporalAttention(φ, c_s)))         at the last steps of the past
 * </pre>
 *
 * <p>So it needs a future of at least T steps, hears nothing of what lies behind them, and gives at
 * most T steps. Inputs and output: see {@link ForecastingModel}.
 */
public final class TFT extends TftModel {
  public static final LayerType<TFT> TYPE =
      LayerType.custom("fusionlab.nn.transformers", "TFT", TFT::new).takesList().args("training");

  private final Release release;

  /** Restores a model from its config; without {@code layout} it is fusionlab's. */
  public TFT(Config config) {
    super(TYPE, config);
    int dynamicDim = args.positiveInt("dynamic_input_dim");
    int staticDim = args.positiveInt("static_input_dim");
    int futureDim = args.positiveInt("future_input_dim");
    TftSettings s = TftSettings.read(args, policy(), true, false);
    int outputs = args.positiveInt("output_dim", 1);
    release = Release.orPaper(args);
    takes(staticDim, dynamicDim, futureDim);
    Original original =
        release == null ? null : new Original(this, s, staticDim, dynamicDim, futureDim);
    Layout layout = release == null ? paper(s, staticDim, dynamicDim, futureDim) : original;
    settle(s, layout, s.quantiles() == null ? "output_layer" : "output_layers", outputs);
    if (original != null) {
      original.positions = part("positional_encoding", s.positions(release));
    }
  }

  @Override
  public Config getConfig() {
    return Release.noted(release, super.getConfig());
  }

  /** fusionlab's layout. */
  private static final class Original implements Layout {
    private final TFT model;
    private final int horizon;
    private final VariableSelectionNetwork staticSelection;
    private final VariableSelectionNetwork dynamicSelection;
    private final VariableSelectionNetwork futureSelection;
    private final GatedResidualNetwork selectionContext;
    private final GatedResidualNetwork enrichmentContext;
    private final GatedResidualNetwork stateH;
    private final GatedResidualNetwork stateC;
    private final List<LSTM> lstms;
    private final GatedResidualNetwork enrichment;
    private final TemporalAttentionLayer attention;
    private final GatedResidualNetwork positionwise;
    private PositionalEncoding positions;

    Original(TFT model, TftSettings s, int staticDim, int dynamicDim, int futureDim) {
      this.model = model;
      horizon = s.horizon();
      int units = s.units();
      staticSelection = model.part("static_vsn", s.selection(staticDim, false));
      dynamicSelection = model.part("dynamic_vsn", s.selection(dynamicDim, true));
      futureSelection = model.part("future_vsn", s.selection(futureDim, true));
      selectionContext = model.part("static_grn_for_vsns", s.grn(units));
      enrichmentContext = model.part("static_grn_for_enrichment", s.grn(units));
      stateH = model.part("static_grn_for_state_h", s.grn(s.lstmUnits()[0]));
      stateC = model.part("static_grn_for_state_c", s.grn(s.lstmUnits()[0]));
      lstms = model.parts("lstm_layers", s.lstms());
      enrichment = model.part("static_enrichment_grn", s.grn(units));
      attention = model.part("temporal_attention_layer", s.attention());
      positionwise = model.part("positionwise_grn", s.grn(units));
    }

    @Override
    public Tensor features(Tensor fixed, Tensor past, Tensor future) {
      Tensor zeta = staticSelection.apply(fixed);
      Tensor context = selectionContext.apply(zeta);
      Tensor dynamic = dynamicSelection.apply(past, context);
      Tensor known = futureSelection.apply(firstSteps(past, future), context);
      Tensor psi = positions.apply(Parts.join(dynamic, known));
      Tensor h = Lstms.run(lstms, psi, List.of(stateH.apply(zeta), stateC.apply(zeta)));
      Tensor phi = enrichment.apply(h, enrichmentContext.apply(zeta));
      Tensor delta = positionwise.apply(attention.apply(phi, context));
      return ForecastHeads.lastSteps(delta, horizon);
    }

    private Tensor firstSteps(Tensor past, Tensor future) {
      return model.firstSteps(future, past.dim(1), "as many as the past has");
    }

    @Override
    public List<Tensor> importances(Tensor fixed, Tensor past, Tensor future) {
      Tensor context = selectionContext.apply(staticSelection.apply(fixed));
      return List.of(
          staticSelection.importances(fixed, null),
          dynamicSelection.importances(past, context),
          futureSelection.importances(firstSteps(past, future), context));
    }
  }

  /** A model in the paper's layout. */
  public static Builder builder(int dynamicInputDim, int staticInputDim, int futureInputDim) {
    return new Builder(dynamicInputDim, staticInputDim, futureInputDim);
  }

  /** Optional settings of {@link TFT}. */
  public static final class Builder extends TftBuilder<TFT, Builder> {
    private Builder(int dynamicInputDim, int staticInputDim, int futureInputDim) {
      set("dynamic_input_dim", dynamicInputDim);
      set("static_input_dim", staticInputDim);
      set("future_input_dim", futureInputDim);
    }

    /** Share of the LSTMs' states dropped in training; default 0. */
    public Builder recurrentDropoutRate(double rate) {
      return set("recurrent_dropout_rate", rate);
    }

    @Override
    public TFT build() {
      return Layer.fromConfig(TYPE, config());
    }
  }
}
