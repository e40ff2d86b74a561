package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.systems.core.MultiHead;
import io.weft.systems.core.Parts;
import io.weft.systems.core.TransformerBlock;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * What the encoder's and the decoder's block share: arguments, attribute names and the meaning of
 * masks of {@code torch.nn.TransformerEncoderLayer} and {@code TransformerDecoderLayer}.
 */
abstract class TorchBlock extends TransformerBlock {
  private static final List<String> NAMES = List.of("in_proj", "in_proj", "in_proj", "out_proj");

  private final int heads;

  TorchBlock(LayerType<?> type, Config config, boolean decoder) {
    super(type, config);
    int dim = args.positiveInt("d_model");
    heads = args.positiveInt("nhead");
    int hidden = args.positiveInt("dim_feedforward", 2048);
    double dropout = args.fraction("dropout", 0.1);
    String activation = args.string("activation", "relu");
    double epsilon = args.nonNegative("layer_norm_eps", 1e-5);
    boolean normFirst = args.bool("norm_first", false);
    boolean bias = args.bool("bias", true);
    if (!args.bool("batch_first", true)) {
      throw args.refuse("batch_first", "true: inputs are (batch, tokens, features)");
    }
    args.forget("batch_first");
    parts(dim, normFirst, dropout, () -> Parts.norm(epsilon, bias, policy()));
    Config more = Config.of("names", NAMES, "use_bias", bias);
    selfAttention("self_attn", "norm1", attention(heads, dim, dropout, more));
    if (decoder) {
      MultiHead cross = attention(heads, dim, dropout, more);
      crossAttention("multihead_attn", "norm2", cross, dim);
    }
    String last = decoder ? "norm3" : "norm2";
    feedForward("linear1", null, "linear2", last, hidden, bias, activation, dropout);
  }

  /**
   * Arguments for an attention from PyTorch's masks, which are true where attention is forbidden,
   * or from the mask attached to what is attended to, which is true where there is something.
   */
  final CallArgs attentionArgs(CallContext ctx, String mask, String padding, Tensor attached) {
    CallArgs a = ctx.forward("training", "cache");
    Tensor m = ctx.args().tensor(mask);
    if (m != null) {
      a = a.with("attention_mask", withHeads(mask, m.dtype() == DType.BOOL ? not(m) : m));
    }
    Tensor p = ctx.args().tensor(padding);
    Tensor keep = p == null ? attached : not(p);
    return keep == null ? a : a.with("key_mask", keep);
  }

  private static Tensor not(Tensor mask) {
    return Ops.logicalNot(Ops.cast(mask, DType.BOOL));
  }

  /** {@code (T, S)} or {@code (batch · heads, T, S)} with the axes of scores. */
  private Tensor withHeads(String name, Tensor m) {
    if (m.rank() == 2) {
      return Ops.reshape(m, 1, 1, m.dim(0), m.dim(1));
    }
    if (m.rank() != 3 || m.dim(0) % heads != 0) {
      throw new ShapeException(
          label()
              + ": "
              + name
              + ": expected (T, S) or (batch · "
              + heads
              + " heads, T, S). Received: "
              + m.shape()
              + ".");
    }
    return Ops.reshape(m, m.dim(0) / heads, heads, m.dim(1), m.dim(2));
  }
}
