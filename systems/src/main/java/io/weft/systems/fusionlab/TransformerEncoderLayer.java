package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * An encoder layer, as fusionlab's of this name: {@code o = LN₁(x + MHA(x, x, x))}, {@code y =
 * LN₂(o + drop(ffn(o)))}. The original's unused {@code dropout1} is left out.
 *
 * <p>Input: {@code (batch, T, embed_dim)}. Output: the same shape. Call arguments: {@code
 * attention_mask (batch, T, T)}, true = may attend; {@code training}. Masks pass. Weights: the
 * attention's, kernel and bias of the two projections of {@code ffn}, gamma and beta of {@code
 * layernorm1} and {@code layernorm2}.
 */
public final class TransformerEncoderLayer extends TransformerLayer {
  public static final LayerType<TransformerEncoderLayer> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "TransformerEncoderLayer", TransformerEncoderLayer::new)
          .inputs("x")
          .args("training", "attention_mask");

  /** A layer with default options. */
  public TransformerEncoderLayer(int embedDim, int numHeads, int ffnDim) {
    this(builder(embedDim, numHeads, ffnDim).config());
  }

  /** Restores a layer from its config. */
  public TransformerEncoderLayer(Config config) {
    super(TYPE, config, false, "encoder_ffn", "mha");
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    return List.of(feed(attend(0, x, x, "attention_mask", ctx)));
  }

  public static Builder builder(int embedDim, int numHeads, int ffnDim) {
    return new Builder(embedDim, numHeads, ffnDim);
  }

  /** Optional settings of {@link TransformerEncoderLayer}. */
  public static final class Builder extends LayerOptions<TransformerEncoderLayer, Builder> {
    private Builder(int embedDim, int numHeads, int ffnDim) {
      super(embedDim, numHeads, ffnDim);
    }

    @Override
    public TransformerEncoderLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
