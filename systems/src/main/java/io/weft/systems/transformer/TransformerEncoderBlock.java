package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A layer of the encoder of Vaswani et al. (2017), with the arguments and weight names of {@code
 * torch.nn.TransformerEncoderLayer}: {@code a = LN(x + SA(x)); y = LN(a + FF(a))}, or with {@code
 * norm_first} {@code a = x + SA(LN(x)); y = a + FF(LN(a))}.
 *
 * <p>Input: {@code (batch, S, d_model)}. Output: the same shape. Its mask (true = a token) hides
 * keys and goes on. Call arguments, as in PyTorch true where forbidden, or floats that are added to
 * the scores: {@code src_mask (S, S)}; {@code src_key_padding_mask (batch, S)} in place of the
 * attached mask; {@code is_causal}. Weights: self-attention (q, k, v, output; kernel and bias
 * each), norm1, feed-forward, norm2.
 */
public final class TransformerEncoderBlock extends TorchBlock {
  public static final LayerType<TransformerEncoderBlock> TYPE =
      LayerType.custom("vaswani", "TransformerEncoderLayer", TransformerEncoderBlock::new)
          .inputs("src")
          .args("src_mask", "src_key_padding_mask", "is_causal", "training");

  /** A block with PyTorch's defaults: after-norm, relu, dropout 0.1. */
  public TransformerEncoderBlock(int dModel, int heads, int dimFeedforward) {
    this(Config.of("d_model", dModel, "nhead", heads, "dim_feedforward", dimFeedforward));
  }

  /** Restores a layer from its config. */
  public TransformerEncoderBlock(Config config) {
    super(TYPE, config, false);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    CallArgs self =
        attentionArgs(ctx, "src_mask", "src_key_padding_mask", ctx.mask(0))
            .with("use_causal_mask", ctx.args().bool("is_causal", false));
    return run(in.get(0), null, self, CallArgs.NONE);
  }
}
