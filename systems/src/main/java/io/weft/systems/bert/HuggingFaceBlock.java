package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.systems.core.TransformerBlock;
import io.weft.tensor.Tensor;
import java.util.List;

/** The call that the blocks of BERT, BART and T5 share. */
abstract class HuggingFaceBlock extends TransformerBlock {
  /** Names of {@code call}'s arguments after the hidden states. */
  static final String[] ARGS = {
    "attention_mask",
    "encoder_hidden_states",
    "encoder_attention_mask",
    "use_causal_mask",
    "cache",
    "return_attention_scores",
    "training"
  };

  HuggingFaceBlock(LayerType<?> type, Config config) {
    super(type, config);
  }

  @Override
  public final List<Tensor> call(List<Tensor> in, CallContext ctx) {
    CallArgs shared = ctx.forward("training", "cache");
    CallArgs self =
        masked(shared, ctx.args().tensor("attention_mask"), ctx.mask(0))
            .with("use_causal_mask", ctx.args().bool("use_causal_mask", false));
    Tensor context = ctx.args().tensor("encoder_hidden_states");
    if (context != null && !hasCrossAttention()) {
      throw new ConfigException(
          label()
              + ": encoder_hidden_states: expected none, for this block has no cross-attention."
              + " Received: "
              + context.shape()
              + ". Make the block a decoder with cross-attention.");
    }
    CallArgs cross =
        masked(
            ctx.args().has("return_attention_scores")
                ? shared.with("return_attention_scores", true)
                : shared,
            ctx.args().tensor("encoder_attention_mask"),
            context == null ? null : context.mask());
    return run(in.get(0), context, self, cross);
  }

  private static CallArgs masked(CallArgs a, Tensor mask, Tensor attached) {
    return mask != null
        ? a.with("attention_mask", mask)
        : attached != null ? a.with("key_mask", attached) : a;
  }
}
