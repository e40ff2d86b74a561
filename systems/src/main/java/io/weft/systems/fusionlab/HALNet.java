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
    AttentiveSettings.Widths widths = AttentiveSettings.Widths.read(args);
    AttentiveSettings read = AttentiveSettings.read(args, widths);
    String mode = AttentiveSettings.mode(args, "tft_like");
    args.note("mode", mode);
    settle(read.with(mode, Release.of(args)));
    if (read.selects()) {
      makeSelections();
    }
    makeDecoderInput();
    if (!read.selects()) {
      makeDense();
    }
    makePositions();
    makeLstms();
    makeCross();
    makeHierarchical();
    makeMemory();
    makeOutputs();
    if (read.residuals()) {
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
