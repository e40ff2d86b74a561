package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.rnn.LSTM;
import io.weft.layers.wrapper.Bidirectional;
import io.weft.layers.wrapper.TimeDistributed;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Squeezes a sequence into the last state of an LSTM and unrolls it again; what it cannot
 * reconstruct is unusual (Malhotra et al. 2015). As fusionlab's layer of this name.
 *
 * <p>Encoder LSTMs, whose last states h and c go through two projections to {@code latent_dim} if
 * {@code use_bottleneck_dense}; h, repeated {@code n_repeats} times (as many as there were steps
 * where null), through decoder LSTMs of which the first starts from h and c; a projection with
 * {@code activation} at each step. Where h and c are not as wide as the decoder, {@code lstm_units}
 * (another {@code latent_dim}, an encoder of both directions), two more projections bring them to
 * its width.
 *
 * <p>Input: {@code (batch, T, features)}. Output: {@code (batch, n_repeats or T, features)}.
 * Weights: those of {@code encoder_layers}, kernel and bias of {@code bottleneck_dense_h} and
 * {@code bottleneck_dense_c}, of {@code project_state_h} and {@code project_state_c}, those of
 * {@code decoder_layers}, kernel and bias of {@code decoder_dense}.
 */
public final class LSTMAutoencoderAnomaly extends UnaryLayer {
  public static final LayerType<LSTMAutoencoderAnomaly> TYPE =
      LayerType.custom(
              FusionlabTypes.ANOMALY, "LSTMAutoencoderAnomaly", LSTMAutoencoderAnomaly::new)
          .args("training");

  private final int units;
  private final Integer features;
  private final Integer repeats;
  private final io.weft.layer.Activation activation;
  private final boolean bothWays;
  private final double dropout;
  private final double recurrentDropout;
  private final List<Layer> encoder = new ArrayList<>();
  private final List<LSTM> decoder = new ArrayList<>();
  private final Dense bottleneckH;
  private final Dense bottleneckC;
  private final Dense projectH;
  private final Dense projectC;
  private final int stateWidth;
  private TimeDistributed projection;

  /** An autoencoder with default options. */
  public LSTMAutoencoderAnomaly(int latentDim, int lstmUnits) {
    this(builder(latentDim, lstmUnits).config());
  }

  /** Restores a layer from its config. */
  public LSTMAutoencoderAnomaly(Config config) {
    super(TYPE, config);
    int latent = args.positiveInt("latent_dim");
    units = args.positiveInt("lstm_units");
    features = sizeOrNull("n_features");
    repeats = sizeOrNull("n_repeats");
    int encoders = args.positiveInt("num_encoder_layers", 1);
    int decoders = args.positiveInt("num_decoder_layers", 1);
    activation = activation("activation", "tanh");
    Object between = activation("intermediate_activation", "relu");
    dropout = args.fraction("dropout_rate", 0.0);
    recurrentDropout = args.fraction("recurrent_dropout_rate", 0.0);
    bothWays = args.bool("use_bidirectional_encoder", false);
    boolean bottleneck = args.bool("use_bottleneck_dense", false);
    stateWidth = bottleneck ? latent : bothWays ? 2 * units : units;
    for (int i = 1; i <= encoders; i++) {
      LSTM lstm = lstm("encoder_lstm_" + i, i < encoders, i == encoders);
      encoder.add(
          bothWays
              ? fromConfig(
                  Bidirectional.TYPE,
                  Config.of("name", "bi_encoder_lstm_" + i, "layer", lstm, "dtype", policy()))
              : lstm);
    }
    trackAll("encoder_layers", encoder);
    bottleneckH = state(bottleneck, "bottleneck_dense_h", "bottleneck_h", latent, between);
    bottleneckC = state(bottleneck, "bottleneck_dense_c", "bottleneck_c", latent, between);
    boolean project = stateWidth != units;
    projectH = state(project, "project_state_h", "project_decoder_state_h", units, between);
    projectC = state(project, "project_state_c", "project_decoder_state_c", units, between);
    for (int i = 1; i <= decoders; i++) {
      decoder.add(lstm("decoder_lstm_" + i, true, false));
    }
    trackAll("decoder_layers", decoder);
  }

  private Integer sizeOrNull(String key) {
    Integer n = args.integerOrNull(key, null);
    if (n != null && n < 1) {
      throw args.refuse(key, "null or a positive integer");
    }
    return n;
  }

  /** A projection of a state, or null where there is none. */
  private Dense state(boolean used, String attribute, String name, int width, Object activation) {
    return used ? track(attribute, Parts.dense(name, width, activation, policy())) : null;
  }

  private LSTM lstm(String name, boolean sequences, boolean state) {
    return fromConfig(
        LSTM.TYPE,
        Config.of(
            "name",
            name,
            "units",
            units,
            "return_sequences",
            sequences,
            "return_state",
            state,
            "dropout",
            dropout,
            "recurrent_dropout",
            recurrentDropout,
            "dtype",
            policy()));
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    if (x.rank() != 3) {
      throw new ShapeException(
          label() + ": expected an input (batch, T, features). Received: shape " + x);
    }
    int width = b.known(0, -1);
    if (features != null && features != width) {
      throw new ShapeException(
          label() + ": expected " + features + " features, as n_features says. Received: " + x);
    }
    Shape s = x;
    for (Layer l : encoder) {
      b.build(l, s);
      s = s.withDim(-1, bothWays ? 2 * units : units);
    }
    Shape state = Shape.of(x.dim(0), s.dim(-1));
    if (bottleneckH != null) {
      b.build(bottleneckH, state);
      b.build(bottleneckC, state);
    }
    if (projectH != null) {
      b.build(projectH, state.withDim(-1, stateWidth));
      b.build(projectC, state.withDim(-1, stateWidth));
    }
    Shape steps = Shape.of(x.dim(0), repeats == null ? x.dim(1) : repeats, units);
    for (Layer l : decoder) {
      b.build(l, l == decoder.get(0) ? steps.withDim(-1, stateWidth) : steps);
    }
    Dense dense = Parts.dense(null, width, activation, policy());
    projection =
        track(
            "decoder_dense",
            fromConfig(
                TimeDistributed.TYPE,
                Config.of("name", "decoder_dense", "layer", dense, "dtype", policy())));
    b.build(projection, steps);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    List<Tensor> out = List.of(x);
    for (Layer l : encoder) {
      out = l.applyAll(List.of(out.get(0)), CallArgs.NONE);
    }
    Tensor h = bothWays ? Ops.concatenate(List.of(out.get(1), out.get(3)), -1) : out.get(1);
    Tensor c = bothWays ? Ops.concatenate(List.of(out.get(2), out.get(4)), -1) : out.get(2);
    if (bottleneckH != null) {
      h = bottleneckH.apply(h);
      c = bottleneckC.apply(c);
    }
    int steps = repeats == null ? x.dim(1) : repeats;
    Tensor y = Ops.broadcastTo(Ops.expandDims(h, 1), Shape.of(x.dim(0), steps, h.dim(-1)));
    if (projectH != null) {
      h = projectH.apply(h);
      c = projectC.apply(c);
    }
    for (int i = 0; i < decoder.size(); i++) {
      CallArgs start = i == 0 ? CallArgs.of("initial_state", List.of(h, c)) : CallArgs.NONE;
      y = decoder.get(i).apply(y, start);
    }
    // at all steps at once, which the projection at each step is
    return projection.layer().apply(y);
  }

  /**
   * The mean squared error of each sample's reconstruction, {@code (batch)}, over the steps that
   * both have.
   *
   * @param x (batch, T, features)
   */
  public Tensor reconstructionError(Tensor x) {
    Tensor y = apply(x);
    int steps = Math.min(x.dim(1), y.dim(1));
    int[] start = {0, 0, 0};
    Tensor a = Ops.slice(x, start, new int[] {x.dim(0), steps, x.dim(2)});
    Tensor b = Ops.slice(y, start, new int[] {y.dim(0), steps, y.dim(2)});
    return Ops.mean(Ops.square(a.minus(b)), 1, 2);
  }

  public static Builder builder(int latentDim, int lstmUnits) {
    return new Builder(latentDim, lstmUnits);
  }

  /** Optional settings of {@link LSTMAutoencoderAnomaly}. */
  public static final class Builder extends Layer.Builder<LSTMAutoencoderAnomaly, Builder> {
    private Builder(int latentDim, int lstmUnits) {
      set("latent_dim", latentDim).set("lstm_units", lstmUnits);
    }

    /** The features that inputs must have; default any. */
    public Builder nFeatures(int n) {
      return set("n_features", n);
    }

    /** The steps of the output; default those of the input. */
    public Builder nRepeats(int n) {
      return set("n_repeats", n);
    }

    /** How many LSTMs encode; default 1. */
    public Builder numEncoderLayers(int n) {
      return set("num_encoder_layers", n);
    }

    /** How many LSTMs decode; default 1. */
    public Builder numDecoderLayers(int n) {
      return set("num_decoder_layers", n);
    }

    /** What is applied to the output, by name or object; default tanh. */
    public Builder activation(Object activation) {
      return set("activation", activation);
    }

    /** What is applied to the bottleneck, by name or object; default relu. */
    public Builder intermediateActivation(Object activation) {
      return set("intermediate_activation", activation);
    }

    /** Share of the LSTMs' inputs dropped in training, in [0, 1); default 0. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }

    /** Share of the LSTMs' states dropped in training, in [0, 1); default 0. */
    public Builder recurrentDropoutRate(double rate) {
      return set("recurrent_dropout_rate", rate);
    }

    /** Whether the encoder reads in both directions; default false. */
    public Builder useBidirectionalEncoder(boolean on) {
      return set("use_bidirectional_encoder", on);
    }

    /** Whether the states go through projections; default false. */
    public Builder useBottleneckDense(boolean on) {
      return set("use_bottleneck_dense", on);
    }

    @Override
    public LSTMAutoencoderAnomaly build() {
      return fromConfig(TYPE, config());
    }
  }
}
