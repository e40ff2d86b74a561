package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A temporal fusion transformer without known future, as fusionlab's model of this name: it gives
 * features of the last steps of the past, whose projections are trained to be the forecast.
 *
 * <pre>
 *   ζ = VSN(static);   c_s, c_e = GRN(ζ);   h, c = act(ζ·W + b)
 *   φ = LSTM(positions(VSN(dynamic)), from h, c)
 *   y = heads(GRN(TemporalAttention(GRN([c_e; φ]), c_s)))     at the last forecast_horizon steps
 * </pre>
 *
 * <p>Inputs: static and past features; {@code future_input_dim} is read and has no effect. Output:
 * see {@link ForecastingModel}; at most T steps.
 */
public final class DummyTFT extends TftModel {
  public static final LayerType<DummyTFT> TYPE =
      LayerType.custom("fusionlab.nn.transformers", "DummyTFT", DummyTFT::new)
          .takesList()
          .args("training");

  private final Release release;

  /** Restores a model from its config. */
  public DummyTFT(Config config) {
    super(TYPE, config);
    int dynamicDim = args.positiveInt("dynamic_input_dim");
    int staticDim = args.positiveInt("static_input_dim");
    args.any("future_input_dim", null);
    TftSettings s = TftSettings.read(args, policy(), false, false);
    int outputs = args.positiveInt("output_dim", 1);
    release = Release.of(args);
    takes(staticDim, dynamicDim, 0);
    String head = "output_projection_layer" + (s.quantiles() == null ? "" : "s");
    settle(s, new Original(this, s, staticDim, dynamicDim), head, outputs);
  }

  @Override
  public Config getConfig() {
    return Release.noted(release, super.getConfig());
  }

  private static final class Original implements Layout {
    private final int horizon;
    private final VariableSelectionNetwork staticSelection;
    private final VariableSelectionNetwork dynamicSelection;
    private final PositionalEncoding positions;
    private final GatedResidualNetwork attentionContext;
    private final GatedResidualNetwork enrichmentContext;
    private final Dense stateH;
    private final Dense stateC;
    private final List<LSTM> lstms;
    private final StaticEnrichmentLayer enrichment;
    private final TemporalAttentionLayer attention;
    private final GatedResidualNetwork positionwise;

    Original(DummyTFT m, TftSettings s, int staticDim, int dynamicDim) {
      horizon = s.horizon();
      int units = s.units();
      int first = s.lstmUnits()[0];
      staticSelection = m.part("static_var_sel", s.selection(staticDim, false));
      dynamicSelection = m.part("dynamic_var_sel", s.selection(dynamicDim, true));
      positions = m.part("positional_encoding", s.positions(m.release));
      attentionContext = m.part("static_context_grn_attn", s.grn(units));
      enrichmentContext = m.part("static_context_grn_enrich", s.grn(units));
      stateH = m.part("static_to_lstm_state_h", Parts.dense(first, s.activation(), s.policy()));
      stateC = m.part("static_to_lstm_state_c", Parts.dense(first, s.activation(), s.policy()));
      lstms = m.parts("lstm_layers", s.lstms());
      enrichment = m.part("static_enrichment", s.staticEnrichment());
      attention = m.part("temporal_attention", s.attention());
      positionwise = m.part("positionwise_grn", s.grn(units));
    }

    @Override
    public Tensor features(Tensor fixed, Tensor past, Tensor future) {
      Tensor zeta = staticSelection.apply(fixed);
      Tensor x = positions.apply(dynamicSelection.apply(past));
      x = Lstms.run(lstms, x, List.of(stateH.apply(zeta), stateC.apply(zeta)));
      x = enrichment.apply(x, enrichmentContext.apply(zeta));
      x = positionwise.apply(attention.apply(x, attentionContext.apply(zeta)));
      return ForecastHeads.lastSteps(x, horizon);
    }

    @Override
    public List<Tensor> importances(Tensor fixed, Tensor past, Tensor future) {
      return Arrays.asList(
          staticSelection.importances(fixed, null), dynamicSelection.importances(past, null), null);
    }
  }
}
