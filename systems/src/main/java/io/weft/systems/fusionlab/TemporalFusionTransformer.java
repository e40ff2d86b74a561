package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A temporal fusion transformer whose static and future features may be missing, as fusionlab's
 * model of this name.
 *
 * <p>With {@code layout="paper"}, which the {@link #builder} sets, it is {@link
 * TemporalFusionNetwork} with a projection at each step of the horizon. A config without the key is
 * of fusionlab, whose layout differs: the first T steps of the future are set behind the past, and
 * the last steps of both together are the forecast.
 *
 * <pre>
 *   c_s, c_e = GRN(VSN(static))
 *   φ = LSTM(positions([VSN(dynamic); the first T steps of VSN(future)]))        over time
 *   y = heads(GRN(TemporalAttention(GRN([c_e; φ]), c_s)))     at the last forecast_horizon steps
 * </pre>
 *
 * <p>The original reads {@code output_dim} and forecasts one value all the same; so does {@code
 * defects=true}. Inputs: those of {@link ForecastingModel} that have a width, in its order; the
 * past may stand before the static features where there is no future. {@code lstm_units} may name
 * fewer layers than there are; the others are {@code hidden_units} wide. Output: see there.
 */
public final class TemporalFusionTransformer extends TftModel {
  public static final LayerType<TemporalFusionTransformer> TYPE =
      LayerType.custom(
              "fusionlab.nn.transformers",
              "TemporalFusionTransformer",
              TemporalFusionTransformer::new)
          .takesList()
          .args("training");

  private final Release release;

  /** Restores a model from its config; without {@code layout} it is fusionlab's. */
  public TemporalFusionTransformer(Config config) {
    super(TYPE, config);
    int dynamicDim = args.positiveInt("dynamic_input_dim");
    int staticDim = optionalDim("static_input_dim");
    int futureDim = optionalDim("future_input_dim");
    TftSettings s = TftSettings.read(args, policy(), false, true);
    int outputs = args.positiveInt("output_dim", 1);
    outputs = Parts.option(args, "defects", false) ? 1 : outputs;
    release = Release.orPaper(args);
    takes(staticDim, dynamicDim, futureDim);
    takesAnyOrder();
    Layout layout =
        release == null
            ? paper(s, staticDim, dynamicDim, futureDim)
            : new Original(this, s, staticDim, dynamicDim, futureDim);
    settle(s, layout, s.quantiles() == null ? "output_layer" : "quantile_outputs", outputs);
  }

  @Override
  public Config getConfig() {
    return Release.noted(release, super.getConfig());
  }

  /** fusionlab's layout. */
  private static final class Original implements Layout {
    private final TemporalFusionTransformer model;
    private final int horizon;
    private final VariableSelectionNetwork staticSelection;
    private final VariableSelectionNetwork dynamicSelection;
    private final VariableSelectionNetwork futureSelection;
    private final PositionalEncoding positions;
    private final GatedResidualNetwork attentionContext;
    private final GatedResidualNetwork enrichmentContext;
    private final List<LSTM> lstms;
    private final StaticEnrichmentLayer enrichment;
    private final TemporalAttentionLayer attention;
    private final GatedResidualNetwork positionwise;

    Original(
        TemporalFusionTransformer m, TftSettings s, int staticDim, int dynamicDim, int futureDim) {
      model = m;
      horizon = s.horizon();
      int units = s.units();
      boolean fixed = staticDim > 0;
      staticSelection = fixed ? m.part("static_var_sel", s.selection(staticDim, false)) : null;
      dynamicSelection = m.part("dynamic_var_sel", s.selection(dynamicDim, true));
      futureSelection =
          futureDim > 0 ? m.part("future_var_sel", s.selection(futureDim, true)) : null;
      positions = m.part("positional_encoding", s.positions(m.release));
      attentionContext = fixed ? m.part("static_context_grn", s.grn(units)) : null;
      enrichmentContext = fixed ? m.part("static_context_enrichment_grn", s.grn(units)) : null;
      lstms = m.parts("lstm_layers", s.lstms());
      enrichment = fixed ? m.part("static_enrichment", s.staticEnrichment()) : null;
      attention = m.part("temporal_attention", s.attention());
      positionwise = m.part("positionwise_grn", s.grn(units));
    }

    @Override
    public Tensor features(Tensor fixed, Tensor past, Tensor future) {
      Tensor x = dynamicSelection.apply(past);
      if (future != null) {
        Tensor known = futureSelection.apply(firstSteps(past, future));
        x = Ops.concatenate(List.of(x, known), 1);
      }
      x = Lstms.run(lstms, positions.apply(x), List.of());
      if (fixed == null) {
        return last(attention.apply(x));
      }
      Tensor zeta = staticSelection.apply(fixed);
      Tensor enriched = enrichment.apply(x, enrichmentContext.apply(zeta));
      return last(attention.apply(enriched, attentionContext.apply(zeta)));
    }

    private Tensor last(Tensor attended) {
      return ForecastHeads.lastSteps(positionwise.apply(attended), horizon);
    }

    private Tensor firstSteps(Tensor past, Tensor future) {
      return model.firstSteps(future, past.dim(1), "as many as the past has");
    }

    @Override
    public List<Tensor> importances(Tensor fixed, Tensor past, Tensor future) {
      return Arrays.asList(
          fixed == null ? null : staticSelection.importances(fixed, null),
          dynamicSelection.importances(past, null),
          future == null ? null : futureSelection.importances(firstSteps(past, future), null));
    }
  }

  /** A model in the paper's layout, of past features only unless others are added. */
  public static Builder builder(int dynamicInputDim) {
    return new Builder(dynamicInputDim);
  }

  /** Optional settings of {@link TemporalFusionTransformer}. */
  public static final class Builder extends TftBuilder<TemporalFusionTransformer, Builder> {
    private Builder(int dynamicInputDim) {
      set("dynamic_input_dim", dynamicInputDim);
    }

    /** Number of features that do not change; default none. */
    public Builder staticInputDim(int features) {
      return set("static_input_dim", features);
    }

    /** Number of features that are known ahead; default none. */
    public Builder futureInputDim(int features) {
      return set("future_input_dim", features);
    }

    @Override
    public TemporalFusionTransformer build() {
      return Layer.fromConfig(TYPE, config());
    }
  }
}
