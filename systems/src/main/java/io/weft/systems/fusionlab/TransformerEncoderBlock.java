package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * An encoder layer, as fusionlab's of this name: {@code o = LN₁(x + drop(MHA(x, x, x)))}, {@code y
 * = LN₂(o + drop(ffn(o)))}, with relu and an epsilon of 1e-6.
 *
 * <p>Input: {@code (batch, T, embed_dim)}. Output: the same shape. Call arguments: {@code
 * training}; {@code mask (batch, T, T)}, true = may attend, which is the attention's and not one of
 * steps. Weights: the attention's, kernel and bias of the two projections of {@code ffn}, gamma and
 * beta of {@code layernorm1} and {@code layernorm2}.
 */
public final class TransformerEncoderBlock extends TransformerLayer {
  public static final LayerType<TransformerEncoderBlock> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "TransformerEncoderBlock", TransformerEncoderBlock::new)
          .args("training", "mask");

  /** A layer with default options. */
  public TransformerEncoderBlock(int embedDim, int numHeads, int ffnDim) {
    this(builder(embedDim, numHeads, ffnDim).config());
  }

  /** Restores a layer from its config. */
  public TransformerEncoderBlock(Config config) {
    super(TYPE, config, true, null, "mha");
    setSupportsMasking(false);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    return List.of(feed(attend(0, x, x, "mask", ctx)));
  }

  public static Builder builder(int embedDim, int numHeads, int ffnDim) {
    return new Builder(embedDim, numHeads, ffnDim);
  }

  /** Optional settings of {@link TransformerEncoderBlock}. */
  public static final class Builder extends Options<TransformerEncoderBlock, Builder> {
    private Builder(int embedDim, int numHeads, int ffnDim) {
      super(embedDim, numHeads, ffnDim);
    }

    @Override
    public TransformerEncoderBlock build() {
      return fromConfig(TYPE, config());
    }
  }
}
