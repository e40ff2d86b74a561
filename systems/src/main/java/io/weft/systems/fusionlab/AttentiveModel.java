package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Parameters;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.attention.HierarchicalAttention;
import io.weft.layers.attention.MemoryAugmentedAttention;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What {@link HALNet} and {@link BaseAttentive} share: an encoder of the past, a decoder of what is
 * known of the horizon that attends to it, further attentions, and a projection for each step.
 *
 * <pre>
 *   c = GRN(VSN(static)),  d = GRN(VSN(dynamic)),  f = GRN(VSN(future))         or dense layers
 *   e = encoder(positions([d; f of the past]))                                   (batch, T, ·)
 *   q = act([c at each step; positions(f of the horizon)]·W + b)                 (batch, H, A)
 *   x = LN(q + GRN(Cross([q, e])))
 *   y = LN(Fusion(Memory(Hierarchical([x, x]))) + x·W' + b')
 *   forecast = quantiles(decoders(aggregated y))
 * </pre>
 *
 * <p>With {@code mode="tft_like"} the future covers past and horizon, {@code max_window_size +
 * forecast_horizon} steps, with {@code pihal_like} the horizon only. {@code use_residuals} false
 * leaves out both sums and normalizations.
 */
public abstract class AttentiveModel extends ForecastingModel {
  private static final String SELF_ATTENTION = "encoder_self_attention";

  private final String defaultName;
  private VariableSelectionNetwork staticSelection;
  private VariableSelectionNetwork dynamicSelection;
  private VariableSelectionNetwork futureSelection;
  private GatedResidualNetwork staticGrn;
  private GatedResidualNetwork dynamicGrn;
  private GatedResidualNetwork futureGrn;
  private Dense staticDense;
  private Dense dynamicDense;
  private Dense futureDense;
  private GatedResidualNetwork attentionGrn;
  private Dense decoderInput;
  private PositionalEncoding encoderPositions;
  private PositionalEncoding decoderPositions;
  private MultiScaleLSTM lstm;
  private final List<MultiHeadAttention> selfAttentions = new ArrayList<>();
  private final List<LayerNormalization> selfNorms = new ArrayList<>();
  private CrossAttention cross;
  private HierarchicalAttention hierarchical;
  private MemoryAugmentedAttention memory;
  private MultiResolutionAttentionFusion fusion;
  private MultiDecoder decoder;
  private QuantileDistributionModeling quantileModeling;
  private LayerNormalization decoderNorm;
  private LayerNormalization finalNorm;
  private Dense residual;
  private AttentiveSettings s;

  AttentiveModel(LayerType<?> type, Config config, String defaultName) {
    super(type, config.get("name") == null ? config.with("name", defaultName) : config);
    this.defaultName = defaultName;
  }

  /** The name is a parameter of the original's constructor. */
  @Override
  public final Parameters parameters() {
    return super.parameters().withLast("name", defaultName, name());
  }

  @Override
  public final Config getConfig() {
    return s.release().noted(super.getConfig());
  }

  @Override
  public final double[] quantiles() {
    return s.quantiles() == null ? null : s.quantiles().clone();
  }

  final AttentiveSettings settings() {
    return s;
  }

  /** The original keeps self-attentions and their normalizations as pairs. */
  @Override
  public final Map<String, Object> savedChildren() {
    Map<String, Object> all = super.savedChildren();
    if (!selfAttentions.isEmpty()) {
      List<List<Layer>> pairs = new ArrayList<>();
      for (int i = 0; i < selfAttentions.size(); i++) {
        pairs.add(List.of(selfAttentions.get(i), selfNorms.get(i)));
      }
      all.put(SELF_ATTENTION, pairs);
    }
    return all;
  }

  /** Takes the settings; parts are then made in the order of the original's attributes. */
  final void settle(AttentiveSettings settings) {
    s = settings;
    takes(s.widths().staticDim(), s.widths().dynamicDim(), s.widths().futureDim());
  }

  // ---------------------------------------------------------------- parts

  /** Selections of variables for all inputs that there are. */
  final void makeSelections() {
    if (s.widths().staticDim() > 0) {
      staticSelection = track("static_vsn", selection(s.widths().staticDim(), false));
      staticGrn = track("static_vsn_grn", grn(s.hidden(), "elu"));
    }
    dynamicSelection = track("dynamic_vsn", selection(s.widths().dynamicDim(), true));
    dynamicGrn = track("dynamic_vsn_grn", grn(s.embed(), "elu"));
    if (s.widths().futureDim() > 0) {
      futureSelection = track("future_vsn", selection(s.widths().futureDim(), true));
      futureGrn = track("future_vsn_grn", grn(s.embed(), "elu"));
    }
  }

  /** Dense layers in the place of selections. */
  final void makeDense() {
    if (s.widths().staticDim() > 0) {
      staticDense = track("static_dense", Parts.dense(s.hidden(), s.activation(), policy()));
      staticGrn = track("grn_static_non_vsn", grn(s.hidden(), s.activation()));
    }
    dynamicDense = track("dynamic_dense", Parts.dense(s.embed(), null, policy()));
    if (s.widths().futureDim() > 0) {
      futureDense = track("future_dense", Parts.dense(s.embed(), null, policy()));
    }
  }

  final void makeDecoderInput() {
    attentionGrn = track("attention_processing_grn", grn(s.attention(), s.activation()));
    decoderInput =
        track("decoder_input_projection", Parts.dense(s.attention(), s.activation(), policy()));
  }

  final void makePositions() {
    encoderPositions = track("encoder_positional_encoding", positions());
    decoderPositions = track("decoder_positional_encoding", positions());
  }

  final void makeLstms() {
    Config c =
        Config.of(
            "lstm_units",
            s.lstmUnits(),
            "scales",
            s.scales(),
            "return_sequences",
            true,
            "dtype",
            policy());
    lstm = track("multi_scale_lstm", fromConfig(MultiScaleLSTM.TYPE, c));
  }

  /** Layers of self-attention in the place of LSTMs. */
  final void makeSelfAttentions(int layers) {
    List<Layer> all = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      selfAttentions.add(Parts.attention(s.heads(), s.attention(), 0, policy()));
      selfNorms.add(Parts.norm(policy()));
      all.add(selfAttentions.get(i));
      all.add(selfNorms.get(i));
    }
    trackAll(SELF_ATTENTION, all);
  }

  final void makeCross() {
    cross = track("cross_attention", fromConfig(CrossAttention.TYPE, attention()));
  }

  final void makeHierarchical() {
    hierarchical =
        track("hierarchical_attention", fromConfig(HierarchicalAttention.TYPE, attention()));
  }

  final void makeMemory() {
    Config c = attention().with("memory_size", s.memory());
    memory = track("memory_augmented_attention", fromConfig(MemoryAugmentedAttention.TYPE, c));
  }

  /** Fusion, projections for the steps, and those of the quantiles. */
  final void makeOutputs() {
    fusion =
        track(
            "multi_resolution_attention_fusion",
            fromConfig(MultiResolutionAttentionFusion.TYPE, attention()));
    decoder =
        track(
            "multi_decoder",
            fromConfig(
                MultiDecoder.TYPE,
                Config.of(
                    "output_dim",
                    s.widths().outputs(),
                    "num_horizons",
                    s.widths().horizon(),
                    "dtype",
                    policy())));
    if (s.quantiles() != null) {
      quantileModeling =
          track(
              "quantile_distribution_modeling",
              fromConfig(
                  QuantileDistributionModeling.TYPE,
                  Config.of(
                      "quantiles",
                      s.quantiles(),
                      "output_dim",
                      s.widths().outputs(),
                      "dtype",
                      policy())));
    }
  }

  final void makeResidualNorms() {
    decoderNorm = trackAll("decoder_add_norm", List.of(Parts.norm(policy()))).get(0);
    finalNorm = trackAll("final_add_norm", List.of(Parts.norm(policy()))).get(0);
  }

  final void makeResidualDense() {
    residual = track("residual_dense", Parts.dense(s.attention(), null, policy()));
  }

  private VariableSelectionNetwork selection(int variables, boolean overTime) {
    return fromConfig(
        VariableSelectionNetwork.TYPE,
        Config.of(
            "num_inputs",
            variables,
            "units",
            s.selected(),
            "dropout_rate",
            s.rate(),
            "use_time_distributed",
            overTime,
            "dtype",
            policy()));
  }

  private GatedResidualNetwork grn(int units, String activation) {
    return Parts.grn(units, s.rate(), activation, false, policy());
  }

  private PositionalEncoding positions() {
    Config c = Config.of("layout", s.release().text(), "dtype", policy());
    return fromConfig(PositionalEncoding.TYPE, c);
  }

  private Config attention() {
    return Config.of("units", s.attention(), "num_heads", s.heads(), "dtype", policy());
  }

  // ---------------------------------------------------------------- the forecast

  /** Whether the static context stands before the future in the decoder's input. */
  abstract boolean staticFirst();

  /** The encoder's result as the decoder sees it. */
  Tensor window(Tensor encoded) {
    return encoded;
  }

  @Override
  final Tensor forecast(Tensor fixed, Tensor past, Tensor future, CallContext ctx) {
    check(past, future);
    Tensor d =
        dynamicDense == null
            ? dynamicGrn.apply(dynamicSelection.apply(past))
            : dynamicDense.apply(past);
    Tensor f = future == null ? null : ahead(future);
    boolean whole = f != null && s.wholeFuture();
    int steps = past.dim(1);
    Tensor joined = whole ? Parts.join(d, f.get(Index.all(), Index.to(steps))) : d;
    Tensor encoded = window(encode(encoderPositions.apply(joined)));
    Tensor known = whole ? f.get(Index.all(), Index.from(steps)) : f;
    Tensor query = decoderInput.apply(decoderParts(fixed, known, past));
    Tensor context = query;
    if (cross != null) {
      Tensor attended = attentionGrn.apply(cross.apply(query, encoded));
      context = decoderNorm == null ? attended : decoderNorm.apply(query.plus(attended));
    }
    Tensor y = hierarchical == null ? context : hierarchical.apply(context, context);
    y = fusion.apply(memory == null ? y : memory.apply(y));
    if (finalNorm != null) {
      y = finalNorm.apply(y.plus(residual.apply(context)));
    }
    Tensor steady = decoder.apply(Aggregation.timeWindow(y, s.aggregation()));
    return quantileModeling == null ? steady : quantileModeling.apply(steady);
  }

  private Tensor ahead(Tensor future) {
    return futureDense == null
        ? futureGrn.apply(futureSelection.apply(future))
        : futureDense.apply(future);
  }

  private Tensor encode(Tensor x) {
    if (lstm != null) {
      return Aggregation.multiscaleOverTime(lstm.applyAll(List.of(x), CallArgs.NONE), "concat");
    }
    Tensor y = x;
    for (int i = 0; i < selfAttentions.size(); i++) {
      y = selfNorms.get(i).apply(y.plus(selfAttentions.get(i).apply(y, y)));
    }
    return y;
  }

  private Tensor decoderParts(Tensor fixed, Tensor known, Tensor past) {
    List<Tensor> parts = new ArrayList<>();
    if (known != null) {
      parts.add(decoderPositions.apply(known));
    }
    if (fixed != null) {
      Tensor c =
          staticGrn.apply(
              staticDense == null ? staticSelection.apply(fixed) : staticDense.apply(fixed));
      parts.add(staticFirst() ? 0 : parts.size(), Parts.overTime(c, s.widths().horizon()));
    }
    if (parts.isEmpty()) {
      Shape none = Shape.of(past.dim(0), s.widths().horizon(), s.attention());
      parts.add(Ops.zeros(none, past.dtype()));
    }
    return parts.size() == 1 ? parts.get(0) : Ops.concatenate(parts, -1);
  }

  private int futureSteps() {
    return s.widths().horizon() + (s.wholeFuture() ? s.window() : 0);
  }

  private void check(Tensor past, Tensor future) {
    if (future == null) {
      return;
    }
    if (future.dim(1) != futureSteps() || s.wholeFuture() && past.dim(1) != s.window()) {
      throw new ShapeException(
          label()
              + ": expected a future of "
              + futureSteps()
              + (s.wholeFuture()
                  ? " steps, max_window_size + forecast_horizon, for a past of " + s.window()
                  : " steps, forecast_horizon")
              + ". Received: "
              + future.dim(1)
              + " for a past of "
              + past.dim(1));
    }
  }

  /** Unknown lengths are tried as the mode asks for them. */
  @Override
  protected final List<Shape> assumedShapes(List<Shape> inputs) {
    List<Shape> out = new ArrayList<>();
    boolean pastSeen = false;
    for (Shape x : inputs) {
      int steps = pastSeen ? futureSteps() : s.window();
      boolean open = x.rank() == 3 && x.dim(1) < 0;
      out.add(open && (pastSeen || s.wholeFuture()) ? x.withDim(1, steps) : x);
      pastSeen |= x.rank() == 3;
    }
    return out;
  }
}
