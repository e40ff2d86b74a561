package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The encoder of Vaswani et al. (2017): embedded tokens through {@link TransformerEncoderBlock}s.
 *
 * <p>Input: tokens {@code (batch, S)}; {@code padding} (default 0, null for none) is nobody's key.
 * Output: {@code (batch, S, dim)}, with the mask of what is no padding. Weights: {@code embedding
 * (vocab, dim)}, the blocks, with {@code norm_first} a last norm.
 */
public final class TransformerEncoder extends TokenStack {
  public static final LayerType<TransformerEncoder> TYPE =
      LayerType.custom("vaswani", "TransformerEncoder", TransformerEncoder::new)
          .inputs("tokens")
          .args("training");

  /** An encoder with default options. */
  public TransformerEncoder(int vocabulary, int dim, int heads, int layers) {
    this(Config.of("vocab", vocabulary, "dim", dim, "heads", heads, "layers", layers));
  }

  /** Restores a layer from its config. */
  public TransformerEncoder(Config config) {
    super(TYPE, config, TransformerEncoderBlock.TYPE);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor keep = keep(in.get(0));
    CallArgs a = ctx.forward("training");
    Tensor x = embed(in.get(0), 0);
    for (TorchBlock block : blocks()) {
      x = block.apply(keep == null ? x : x.withMask(keep), a);
    }
    return List.of(last(x));
  }
}
