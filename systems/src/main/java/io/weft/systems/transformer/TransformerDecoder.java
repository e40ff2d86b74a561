package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.systems.core.KeyValueCache;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder of Vaswani et al. (2017): embedded tokens through {@link TransformerDecoderBlock}s,
 * none seeing a later one, then scores of the next token by the table of embeddings, or with {@code
 * tied=false} by a matrix of its own.
 *
 * <p>Inputs: tokens {@code (batch, T)}, the encoder's output {@code (batch, S, dim)}, whose mask is
 * heard. Output: logits {@code (batch, T, vocab)}; with {@code return_attention_scores} then the
 * weights of each block's cross-attention {@code (batch, heads, T, S)}. Call argument: {@code
 * cache}, then tokens are those that it has not seen yet. Weights: {@code embedding (vocab, dim)},
 * the blocks, with {@code norm_first} a last norm, the matrix if not tied.
 */
public final class TransformerDecoder extends TokenStack {
  public static final LayerType<TransformerDecoder> TYPE =
      LayerType.custom("vaswani", "TransformerDecoder", TransformerDecoder::new)
          .inputs("tokens", "memory")
          .args("cache", "return_attention_scores", "training");

  private final Dense output;

  /** A decoder with default options. */
  public TransformerDecoder(int vocabulary, int dim, int heads, int layers) {
    this(Config.of("vocab", vocabulary, "dim", dim, "heads", heads, "layers", layers));
  }

  /** Restores a layer from its config. */
  public TransformerDecoder(Config config) {
    super(TYPE, config, TransformerDecoderBlock.TYPE);
    boolean tied = args.bool("tied", true);
    output = tied ? null : track("output", Parts.dense(vocabulary(), false, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    super.build(b);
    if (output != null) {
      b.build(output, b.input(0).plus(dim()));
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != 2) {
      throw new ShapeException(
          label() + ": expected tokens and the encoder's output. Received: " + in.size());
    }
    Tensor tokens = in.get(0);
    KeyValueCache cache = ctx.args().get("cache") instanceof KeyValueCache c ? c : null;
    Tensor keep = cache == null ? keep(tokens) : null;
    Tensor memory = ctx.mask(1) == null ? in.get(1) : in.get(1).withMask(ctx.mask(1));
    CallArgs a =
        ctx.forward("cache", "return_attention_scores", "training").with("tgt_is_causal", true);
    Tensor x = embed(tokens, cache == null ? 0 : cache.length());
    List<Tensor> out = new ArrayList<>();
    for (TorchBlock block : blocks()) {
      List<Tensor> y = block.applyAll(List.of(keep == null ? x : x.withMask(keep), memory), a);
      x = y.get(0);
      out.addAll(y.subList(1, y.size()));
    }
    x = last(x);
    out.add(0, output == null ? Ops.matmul(x, Ops.transpose(table(), 1, 0)) : output.apply(x));
    return out;
  }
}
