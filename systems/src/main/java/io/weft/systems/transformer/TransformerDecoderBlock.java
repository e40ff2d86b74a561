package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A layer of the decoder of Vaswani et al. (2017), with the arguments and weight names of {@code
 * torch.nn.TransformerDecoderLayer}: {@code a = LN(x + SA(x)); b = LN(a + CA(a, memory)); y = LN(b
 * + FF(b))}, or with {@code norm_first} {@code a = x + SA(LN(x))} and so on. Keys and values of CA
 * come from the encoder's output.
 *
 * <p>Inputs: {@code tgt (batch, T, d_model)}, {@code memory (batch, S, d_model)}. Output: {@code
 * (batch, T, d_model)}, with {@code return_attention_scores} then the weights of cross-attention
 * {@code (batch, heads, T, S)}. Their masks (true = a token) hide keys. Call arguments, as in
 * PyTorch true where forbidden, or floats that are added to the scores: {@code tgt_mask (T, T)},
 * {@code memory_mask (T, S)}; {@code tgt_key_padding_mask (batch, T)}, {@code
 * memory_key_padding_mask (batch, S)} in place of the attached masks; {@code tgt_is_causal}: each
 * position sees itself and what went before; {@code cache}. Weights: self-attention (q, k, v,
 * output; kernel and bias each), norm1, cross-attention, norm2, feed-forward, norm3.
 */
public final class TransformerDecoderBlock extends TorchBlock {
  public static final LayerType<TransformerDecoderBlock> TYPE =
      LayerType.custom("vaswani", "TransformerDecoderLayer", TransformerDecoderBlock::new)
          .inputs("tgt", "memory")
          .args(
              "tgt_mask",
              "memory_mask",
              "tgt_key_padding_mask",
              "memory_key_padding_mask",
              "tgt_is_causal",
              "cache",
              "return_attention_scores",
              "training");

  /** A block with PyTorch's defaults: after-norm, relu, dropout 0.1. */
  public TransformerDecoderBlock(int dModel, int heads, int dimFeedforward) {
    this(Config.of("d_model", dModel, "nhead", heads, "dim_feedforward", dimFeedforward));
  }

  /** Restores a layer from its config. */
  public TransformerDecoderBlock(Config config) {
    super(TYPE, config, true);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != 2) {
      throw new ShapeException(
          label() + ": expected two inputs, tgt and memory. Received: " + in.size() + ".");
    }
    CallArgs self =
        attentionArgs(ctx, "tgt_mask", "tgt_key_padding_mask", ctx.mask(0))
            .with("use_causal_mask", ctx.args().bool("tgt_is_causal", false));
    CallArgs cross = attentionArgs(ctx, "memory_mask", "memory_key_padding_mask", ctx.mask(1));
    if (ctx.args().has("return_attention_scores")) {
      cross = cross.with("return_attention_scores", ctx.args().get("return_attention_scores"));
    }
    return run(in.get(0), in.get(1), self, cross);
  }
}
