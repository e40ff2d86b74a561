package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A decoder layer, as fusionlab's of this name: {@link TransformerDecoderLayer} with relu, an
 * epsilon of 1e-6, and dropout after both attentions too.
 *
 * <p>Inputs: x {@code (batch, T, embed_dim)} and e {@code (batch, S, features)}. Output: the shape
 * of x. Call arguments: {@code look_ahead_mask (batch, T, T)} for the first attention, {@code
 * padding_mask (batch, T, S)} for the second, true = may attend; {@code training}. The mask of x
 * goes on. Weights: those of both attentions, kernel and bias of the two projections of {@code
 * ffn}, gamma and beta of {@code layernorm1} to {@code layernorm3}.
 */
public final class TransformerDecoderBlock extends TransformerLayer {
  public static final LayerType<TransformerDecoderBlock> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "TransformerDecoderBlock", TransformerDecoderBlock::new)
          .inputs("inputs", "enc_output")
          .args("training", "look_ahead_mask", "padding_mask");

  /** A layer with default options. */
  public TransformerDecoderBlock(int embedDim, int numHeads, int ffnDim) {
    this(builder(embedDim, numHeads, ffnDim).config());
  }

  /** Restores a layer from its config. */
  public TransformerDecoderBlock(Config config) {
    super(TYPE, config, true, null, "mha1", "mha2");
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return decoded(inputs, ctx);
  }

  public static Builder builder(int embedDim, int numHeads, int ffnDim) {
    return new Builder(embedDim, numHeads, ffnDim);
  }

  /** Optional settings of {@link TransformerDecoderBlock}. */
  public static final class Builder extends Options<TransformerDecoderBlock, Builder> {
    private Builder(int embedDim, int numHeads, int ffnDim) {
      super(embedDim, numHeads, ffnDim);
    }

    @Override
    public TransformerDecoderBlock build() {
      return fromConfig(TYPE, config());
    }
  }
}
