package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.Index;
import io.weft.tensor.Tensor;
import java.util.Map;

/**
 * A forecasting model whose encoder and attentions are chosen, as fusionlab's model of this name:
 * see {@link AttentiveModel} and {@link Architecture}. With the encoder {@code transformer} there
 * are {@code num_encoder_layers} layers {@code LN(x + MHA(x, x))} in the place of LSTMs; attentions
 * that are not chosen are left out; with {@code apply_dtw} the decoder sees the last {@code
 * max_window_size} steps of the encoder only.
 *
 * <p>{@code mode} is {@code pihal_like} by default. {@code multi_scale_agg} and {@code
 * use_batch_norm} have no effect, as in the original. Inputs: those of {@link ForecastingModel}
 * that have a width. Output: {@code (batch, horizon, outputs)}, or {@code (batch, horizon,
 * quantiles, outputs)}.
 */
public final class BaseAttentive extends AttentiveModel {
  public static final LayerType<BaseAttentive> TYPE =
      LayerType.custom("fusionlab.nn.models", "BaseAttentive", BaseAttentive::new)
          .takesList()
          .args("training");

  private static final String ARCHITECTURE = "architecture_config";

  private final boolean windowed;
  private final Architecture architecture;

  /** Restores a model from its config. */
  public BaseAttentive(Config config) {
    super(TYPE, config, "BaseAttentiveModel");
    AttentiveSettings.Widths widths = AttentiveSettings.Widths.read(args);
    String mode = AttentiveSettings.mode(args, "pihal_like");
    int layers = args.positiveInt("num_encoder_layers", 2);
    AttentiveSettings read = AttentiveSettings.read(args, widths);
    args.bool("use_batch_norm", false);
    windowed = args.bool("apply_dtw", true);
    Object levels = args.any("attention_levels", null);
    String objective = args.stringOrNull("objective", "hybrid");
    Object map = args.any(ARCHITECTURE, null);
    if (map != null && !(map instanceof Config)) {
      throw args.refuse(ARCHITECTURE, "a map or null");
    }
    architecture = Architecture.of(objective, read.selects(), levels, (Config) map);
    args.note(ARCHITECTURE, architecture.config());
    args.integer("verbose", 0);
    settle(read.with(mode, Release.of(args)));
    make(layers, read.residuals());
  }

  private void make(int layers, boolean residuals) {
    boolean selects = architecture.features().equals("vsn");
    if (selects) {
      makeSelections();
    }
    makeDecoderInput();
    if (!selects) {
      makeDense();
    }
    if (architecture.encoder().equals("hybrid")) {
      makeLstms();
    } else {
      makeSelfAttentions(layers);
    }
    makePositions();
    if (architecture.attentions().contains("hierarchical")) {
      makeHierarchical();
    }
    if (architecture.attentions().contains("cross")) {
      makeCross();
    }
    if (architecture.attentions().contains("memory")) {
      makeMemory();
    }
    makeOutputs();
    if (residuals) {
      makeResidualDense();
      makeResidualNorms();
    }
  }

  /** The architecture, with all that was left open settled. */
  public Architecture architecture() {
    return architecture;
  }

  /**
   * A new, untrained model with another architecture.
   *
   * @param changes of {@code encoder_type}, {@code decoder_attention_stack} and {@code
   *     feature_processing}
   * @throws io.weft.error.ConfigException for another key, or a value that does not fit
   */
  public BaseAttentive reconfigure(Map<String, ?> changes) {
    Config merged = architecture.config().plus(Config.copyOf(changes));
    return fromConfig(TYPE, getConfig().with(ARCHITECTURE, merged));
  }

  @Override
  boolean staticFirst() {
    return true;
  }

  @Override
  Tensor window(Tensor encoded) {
    int steps = encoded.dim(1);
    int size = settings().window();
    return windowed && steps > size ? encoded.get(Index.all(), Index.from(steps - size)) : encoded;
  }

  /** A model of inputs of these widths, 0 for none. */
  public static Builder builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
    return new Builder(staticInputDim, dynamicInputDim, futureInputDim);
  }

  /** Optional settings of {@link BaseAttentive}. */
  public static final class Builder extends AttentiveBuilder<BaseAttentive, Builder> {
    private Builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
      super(staticInputDim, dynamicInputDim, futureInputDim);
    }

    /** {@code hybrid} (LSTMs, the default) or {@code transformer}. */
    public Builder objective(String encoder) {
      return set("objective", encoder);
    }

    /** Layers of a transformer encoder; default 2. */
    public Builder numEncoderLayers(int n) {
      return set("num_encoder_layers", n);
    }

    /** The attentions of the decoder, see {@link Architecture#attentions(Object)}; default all. */
    public Builder attentionLevels(Object levels) {
      return set("attention_levels", levels);
    }

    /** What the other arguments say is overridden by this map. */
    public Builder architectureConfig(Map<String, ?> map) {
      return set(ARCHITECTURE, map);
    }

    /** Whether the decoder sees the last {@code max_window_size} steps only; default true. */
    public Builder applyDtw(boolean on) {
      return set("apply_dtw", on);
    }

    @Override
    public BaseAttentive build() {
      return fromConfig(TYPE, config());
    }
  }
}
