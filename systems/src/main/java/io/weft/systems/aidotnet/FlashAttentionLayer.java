package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Multi-head self-attention by {@link FlashAttention}, as AiDotNet's layer of this name: {@code Y =
 * activation(merge(attention(X·Wq, X·Wk, X·Wv))·Wo + bo)}.
 *
 * <p>Input: {@code (embeddingDimension)}, {@code (T, …)}, {@code (batch, T, …)}, or more leading
 * axes, which are part of the batch; four axes are not an image here. Output: the same shape; with
 * {@code returnAttentionWeights} then also the weights {@code (batch, heads, T, T)}. Settings: see
 * {@link FlashAttentionConfig}. Call arguments and weights as those of {@link CrossAttentionLayer}
 * with {@code queryDim = contextDim = embeddingDimension}. {@code sequenceLength} only says which
 * shapes are declared and exported.
 */
public final class FlashAttentionLayer extends SequenceLayer {
  public static final LayerType<FlashAttentionLayer> TYPE =
      LayerType.custom(AidotnetTypes.PACKAGE, "FlashAttentionLayer", FlashAttentionLayer::new)
          .inputs("input")
          .args("attention_mask", "training");

  private final FlashAttentionConfig settings;
  private final Dropout dropout;

  /** Attention with default settings. */
  public FlashAttentionLayer(int sequenceLength, int embeddingDimension, int headCount) {
    this(builder(sequenceLength, embeddingDimension, headCount).config());
  }

  /** Restores a layer from its config. */
  public FlashAttentionLayer(Config config) {
    super(TYPE, config);
    Object given = args.any("config", null);
    if (given != null && !(given instanceof Config)) {
      throw args.refuse("config", "settings by name");
    }
    settings =
        given == null ? FlashAttentionConfig.DEFAULT : FlashAttentionConfig.of((Config) given);
    args.note("config", settings.toConfig());
    readActivation();
    double rate = settings.dropoutProbability();
    dropout =
        rate == 0
            ? null
            : track(
                "dropout", fromConfig(Dropout.TYPE, Config.of("rate", rate, "dtype", policy())));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    if (x.rank() == 0) {
      throw new ShapeException(label() + ": expected at least one axis. Received: a scalar");
    }
    List<Tensor> out = new ArrayList<>();
    List<Tensor> weights = new ArrayList<>();
    Tensor tokens = x.rank() == 1 ? Ops.expandDims(x, 0) : x;
    Tensor y =
        cross(List.of(tokens), ctx, (q, k, v, mask) -> kernel(q, k, v, mask, ctx, weights), false);
    out.add(activation().apply(x.rank() == 1 ? Ops.squeeze(y, 0) : y));
    out.addAll(weights);
    return out;
  }

  private Tensor kernel(
      Tensor q0, Tensor k0, Tensor v0, Tensor mask, CallContext ctx, List<Tensor> weights) {
    boolean half = settings.precision().isHalf();
    Tensor q = half ? Ops.cast(q0, DType.FLOAT16) : q0;
    Tensor k = half ? Ops.cast(k0, DType.FLOAT16) : k0;
    Tensor v = half ? Ops.cast(v0, DType.FLOAT16) : v0;
    Double given = settings.scaleFactor();
    double scale = given == null ? Heads.scale(q) : given;
    boolean causal = settings.useCausalMask();
    FullyMaskedRows rows = FullyMaskedRows.UNIFORM;
    boolean drop = dropout != null && ctx.training();
    if (settings.returnAttentionWeights()) {
      weights.add(Ops.cast(Heads.weights(q, k, null, mask, scale, causal, rows), q0.dtype()));
    }
    Tensor y =
        drop
            ? Heads.attend(q, k, v, null, mask, scale, causal, rows, dropout)
            : Heads.attend(q, k, v, null, mask, scale, causal, rows);
    return Ops.cast(y, q0.dtype());
  }

  public FlashAttentionConfig settings() {
    return settings;
  }

  @Override
  public Map<String, String> diagnostics() {
    Map<String, String> all = super.diagnostics();
    all.put("HeadCount", String.valueOf(heads()));
    all.put("HeadDimension", String.valueOf(headDimension()));
    all.put("UseCausalMask", yes(settings.useCausalMask()));
    all.put("BlockSizeQ", String.valueOf(settings.blockSizeQ()));
    all.put("BlockSizeKV", String.valueOf(settings.blockSizeKV()));
    all.put("RecomputeInBackward", yes(settings.recomputeInBackward()));
    all.put("Precision", settings.precision().toString());
    return all;
  }

  public static Builder builder(int sequenceLength, int embeddingDimension, int headCount) {
    return new Builder(sequenceLength, embeddingDimension, headCount);
  }

  /** Optional settings of {@link FlashAttentionLayer}. */
  public static final class Builder extends SequenceOptions<FlashAttentionLayer, Builder> {
    private Builder(int sequenceLength, int embeddingDimension, int headCount) {
      super(sequenceLength, embeddingDimension, headCount);
    }

    /** How the attention is computed; default {@link FlashAttentionConfig#DEFAULT}. */
    public Builder settings(FlashAttentionConfig config) {
      return set("config", config.toConfig());
    }

    @Override
    public FlashAttentionLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
