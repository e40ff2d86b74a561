package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Parameters;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A Transformer of encoder and decoder for forecasts, as fusionlab's model of this name.
 *
 * <pre>
 *   e = encoders(drop(positions(dynamic·W_d + b_d) [+ c]))
 *   d = decoders(drop(positions(future[:, :H]·W_f + b_f, or zeros) [+ c]), e, causal)
 *   y = quantiles(d·W + b)
 * </pre>
 *
 * <p>c is {@code act(static·W_s + b_s)} or a gated residual network of the static features; {@code
 * static_integration_mode} says where it is added: {@code add_to_decoder_input}, {@code
 * add_to_encoder_input} or {@code none}. A step of the decoder sees itself and those before; with
 * {@code defects=true} it sees, as in the original, those behind it only (and the last step sees
 * all or none, see {@link TransformerDecoderLayer}).
 *
 * <p>Inputs: those of {@link ForecastingModel} that have a width, in its order, the past perhaps
 * before the static features where there is no future, which has H = {@code forecast_horizon} steps
 * or more. Output: {@code (batch, H, outputs)}, or {@code (batch, H, quantiles, outputs)} without
 * the last axis where there is one output.
 */
public final class TimeSeriesTransformer extends ForecastingModel {
  public static final LayerType<TimeSeriesTransformer> TYPE =
      LayerType.custom(
              "fusionlab.nn.transformers", "TimeSeriesTransformer", TimeSeriesTransformer::new)
          .takesList()
          .args("training");

  private static final String NAME = "TimeSeriesTransformer";

  private final int embed;
  private final int horizon;
  private final int outputs;
  private final double[] quantiles;
  private final String integration;
  private final boolean defects;
  private final Release release;
  private final int staticDim;
  private final Dense dynamicEmbed;
  private final Dense futureEmbed;
  private final Layer staticProcessor;
  private final TSPositionalEncoding encoderPositions;
  private final TSPositionalEncoding decoderPositions;
  private final Dropout inputDropout;
  private final List<TransformerEncoderLayer> encoders = new ArrayList<>();
  private final List<TransformerDecoderLayer> decoders = new ArrayList<>();
  private final Dense finalDense;
  private final QuantileDistributionModeling quantileModeling;

  /** Restores a model from its config. */
  public TimeSeriesTransformer(Config config) {
    super(TYPE, config.get("name") == null ? config.with("name", NAME) : config);
    staticDim = AttentiveSettings.width(args, "static_input_dim");
    int dynamicDim = args.positiveInt("dynamic_input_dim");
    int futureDim = AttentiveSettings.width(args, "future_input_dim");
    embed = args.positiveInt("embed_dim", 64);
    int heads = args.positiveInt("num_heads", 4);
    int ffn = args.positiveInt("ffn_dim", 128);
    int encoderLayers = args.positiveInt("num_encoder_layers", 3);
    int decoderLayers = args.positiveInt("num_decoder_layers", 3);
    horizon = args.positiveInt("forecast_horizon", 1);
    outputs = args.positiveInt("output_dim", 1);
    double rate = args.fraction("dropout_rate", 0.1);
    double inputRate = args.fraction("input_dropout_rate", 0.1);
    int encoderLength = args.positiveInt("max_seq_len_encoder", 100);
    int decoderLength = args.positiveInt("max_seq_len_decoder", 50);
    quantiles = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    boolean grn = args.bool("use_grn_for_static", false);
    integration =
        args.oneOf(
            "static_integration_mode",
            "add_to_decoder_input",
            "add_to_decoder_input",
            "add_to_encoder_input",
            "none");
    String activation = Parts.activation(args, "activation", "relu");
    double epsilon = args.nonNegative("layer_norm_epsilon", 1e-6);
    defects = Parts.option(args, "defects", false);
    release = Release.of(args);
    takes(staticDim, dynamicDim, futureDim);
    takesAnyOrder();
    dynamicEmbed = track("dynamic_embed", Parts.dense("dynamic_embedding", embed, null, policy()));
    futureEmbed =
        futureDim > 0
            ? track("future_embed", Parts.dense("future_embedding", embed, null, policy()))
            : null;
    staticProcessor =
        staticDim > 0
            ? track(
                "static_processor",
                grn
                    ? Parts.grn(embed, rate, activation, false, policy())
                    : Parts.dense("static_dense_processor", embed, activation, policy()))
            : null;
    encoderPositions = track("pos_encoding_encoder", positions(encoderLength));
    decoderPositions = track("pos_encoding_decoder", positions(decoderLength));
    inputDropout = track("input_dropout", Parts.dropout(inputRate, policy()));
    Config common =
        Config.of(
            "embed_dim",
            embed,
            "num_heads",
            heads,
            "ffn_dim",
            ffn,
            "dropout_rate",
            rate,
            "ffn_activation",
            activation,
            "layer_norm_epsilon",
            epsilon,
            "layout",
            release.text(),
            "dtype",
            policy());
    for (int i = 0; i < encoderLayers; i++) {
      Config c = common.with("name", "encoder_layer_" + i);
      encoders.add(fromConfig(TransformerEncoderLayer.TYPE, c));
    }
    trackAll("encoder_layers", encoders);
    for (int i = 0; i < decoderLayers; i++) {
      Config c = common.with("name", "decoder_layer_" + i);
      decoders.add(fromConfig(TransformerDecoderLayer.TYPE, c));
    }
    trackAll("decoder_layers", decoders);
    finalDense = track("final_dense", Parts.dense("final_projection", outputs, null, policy()));
    Config q = Config.of("quantiles", quantiles, "output_dim", outputs, "dtype", policy());
    quantileModeling =
        quantiles == null
            ? null
            : track("quantile_modeling", fromConfig(QuantileDistributionModeling.TYPE, q));
  }

  private TSPositionalEncoding positions(int length) {
    Config c = Config.of("max_position", length, "embed_dim", embed, "dtype", policy());
    return fromConfig(TSPositionalEncoding.TYPE, c);
  }

  @Override
  public Parameters parameters() {
    return super.parameters().withLast("name", NAME, name());
  }

  @Override
  public Config getConfig() {
    return release.noted(super.getConfig());
  }

  @Override
  public double[] quantiles() {
    return quantiles == null ? null : quantiles.clone();
  }

  /** The static features have weights also where they are not heard. */
  @Override
  protected void build(BuildContext b) {
    if (staticProcessor != null) {
      b.build(staticProcessor, Shape.of(Shape.UNKNOWN, staticDim));
    }
  }

  @Override
  Tensor forecast(Tensor fixed, Tensor past, Tensor future, CallContext ctx) {
    Tensor context =
        fixed == null || integration.equals("none") ? null : staticProcessor.apply(fixed);
    Tensor e = encoderPositions.apply(dynamicEmbed.apply(past));
    if (context != null && integration.equals("add_to_encoder_input")) {
      e = e.plus(Ops.expandDims(context, 1));
    }
    e = inputDropout.apply(e);
    for (TransformerEncoderLayer layer : encoders) {
      e = layer.apply(e);
    }
    Tensor known =
        future == null
            ? Ops.zeros(Shape.of(past.dim(0), horizon, embed), past.dtype())
            : futureEmbed.apply(firstSteps(future, horizon, "one for each step to forecast"));
    Tensor d = decoderPositions.apply(known);
    if (context != null && integration.equals("add_to_decoder_input")) {
      d = d.plus(Ops.expandDims(context, 1));
    }
    d = inputDropout.apply(d);
    CallArgs mask =
        CallArgs.of("look_ahead_mask", defects ? Masks.inverted(horizon) : Masks.causal(horizon));
    for (TransformerDecoderLayer layer : decoders) {
      d = layer.apply(List.of(d, e), mask);
    }
    Tensor y = finalDense.apply(d);
    if (quantileModeling == null) {
      return y;
    }
    Tensor q = quantileModeling.apply(y);
    return outputs == 1 ? Ops.squeeze(q, -1) : q;
  }

  /** A model of inputs of these widths, 0 for none. */
  public static Builder builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
    return new Builder(staticInputDim, dynamicInputDim, futureInputDim);
  }

  /** Optional settings of {@link TimeSeriesTransformer}. */
  public static final class Builder extends Layer.Builder<TimeSeriesTransformer, Builder> {
    private Builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
      set("static_input_dim", staticInputDim);
      set("dynamic_input_dim", dynamicInputDim);
      set("future_input_dim", futureInputDim);
    }

    /** Width of all layers; default 64. */
    public Builder embedDim(int n) {
      return set("embed_dim", n);
    }

    /** Heads of the attentions, each {@code embed_dim} wide; default 4. */
    public Builder numHeads(int n) {
      return set("num_heads", n);
    }

    /** Width inside the feed-forward networks; default 128. */
    public Builder ffnDim(int n) {
      return set("ffn_dim", n);
    }

    /** Layers of the encoder and of the decoder; default 3 and 3. */
    public Builder layers(int encoder, int decoder) {
      return set("num_encoder_layers", encoder).set("num_decoder_layers", decoder);
    }

    /** Steps to forecast; default 1. */
    public Builder forecastHorizon(int steps) {
      return set("forecast_horizon", steps);
    }

    /** Targets at each step; default 1. */
    public Builder outputDim(int n) {
      return set("output_dim", n);
    }

    /** Share of hidden values dropped in training, in [0, 1); default 0.1. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate).set("input_dropout_rate", rate);
    }

    /** Levels of quantiles, in (0, 1); default none. */
    public Builder quantiles(double... levels) {
      return set("quantiles", levels);
    }

    /** Whether static features go through a gated residual network; default false. */
    public Builder useGrnForStatic(boolean on) {
      return set("use_grn_for_static", on);
    }

    /** {@code add_to_decoder_input} (default), {@code add_to_encoder_input} or {@code none}. */
    public Builder staticIntegrationMode(String mode) {
      return set("static_integration_mode", mode);
    }

    /** The hidden activation by name; default relu. */
    public Builder activation(String name) {
      return set("activation", name);
    }

    @Override
    public TimeSeriesTransformer build() {
      return fromConfig(TYPE, config());
    }
  }
}
