package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A decoder layer, as fusionlab's of this name: {@code o₁ = LN₁(x + MHA₁(x, x, x))}, {@code o₂ =
 * LN₂(o₁ + MHA₂(o₁, e, e))}, {@code y = LN₃(o₂ + drop(ffn(o₂)))}, e being the encoder's output.
 *
 * <p>Inputs: x {@code (batch, T, embed_dim)} and e {@code (batch, S, features)}. Output: the shape
 * of x. Call arguments: {@code look_ahead_mask (batch, T, T)} for the first attention, {@code
 * padding_mask (batch, T, S)} for the second, true = may attend (see {@link Masks#causal}); {@code
 * training}. The mask of x goes on. Weights: those of both attentions, kernel and bias of the two
 * projections of {@code ffn}, gamma and beta of {@code layernorm1} to {@code layernorm3}.
 */
public final class TransformerDecoderLayer extends TransformerLayer {
  public static final LayerType<TransformerDecoderLayer> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "TransformerDecoderLayer", TransformerDecoderLayer::new)
          .inputs("x", "enc_output")
          .args("training", "look_ahead_mask", "padding_mask");

  /** A layer with default options. */
  public TransformerDecoderLayer(int embedDim, int numHeads, int ffnDim) {
    this(builder(embedDim, numHeads, ffnDim).config());
  }

  /** Restores a layer from its config. */
  public TransformerDecoderLayer(Config config) {
    super(TYPE, config, false, "decoder_ffn", "mha1_self_attn", "mha2_cross_attn");
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return decoded(inputs, ctx);
  }

  public static Builder builder(int embedDim, int numHeads, int ffnDim) {
    return new Builder(embedDim, numHeads, ffnDim);
  }

  /** Optional settings of {@link TransformerDecoderLayer}. */
  public static final class Builder extends LayerOptions<TransformerDecoderLayer, Builder> {
    private Builder(int embedDim, int numHeads, int ffnDim) {
      super(embedDim, numHeads, ffnDim);
    }

    @Override
    public TransformerDecoderLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
