package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.weights.StateDict;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A {@link TransformerDecoder} that writes: from the encoder's output to the likeliest tokens, one
 * by one, each computed from the cache of those before.
 *
 * <p>Input: {@code (batch, S, dim)}, whose mask is heard. Outputs: {@code logits (batch, steps,
 * vocab)}, {@code tokens (batch, 1 + steps)} with {@code bos} first; steps end when every sequence
 * has its {@code eos}, at most at {@code max_len}. Weights: those of the decoder.
 */
public final class GreedyDecoder extends Layer implements TorchNamed {
  public static final LayerType<GreedyDecoder> TYPE =
      LayerType.custom("vaswani", "GreedyDecoder", GreedyDecoder::new).inputs("memory");

  private final Generator generator;
  private final TransformerDecoder decoder;

  /** Restores a layer from its config. */
  public GreedyDecoder(Config config) {
    super(TYPE, config);
    Config c =
        Config.of(
            "vocab",
            args.positiveInt("vocab"),
            "dim",
            args.positiveInt("dim"),
            "heads",
            args.positiveInt("heads"),
            "layers",
            args.positiveInt("layers"),
            "ff",
            args.positiveInt("ff"));
    generator =
        new Generator(args.integer("bos"), args.integer("eos"), args.positiveInt("max_len"));
    Config more =
        Config.of(
            "activation",
            args.string("activation", "relu"),
            "norm_first",
            args.bool("norm_first", false),
            "dropout",
            0.0,
            "padding",
            null,
            "dtype",
            policy());
    decoder = track("decoder", Layer.fromConfig(TransformerDecoder.TYPE, c.plus(more)));
  }

  /** The decoder's weights are the layer's own. */
  @Override
  public List<TorchEntry> torchEntries() {
    return StateDict.of(decoder).entries();
  }

  @Override
  protected void build(BuildContext b) {
    b.build(decoder, Shape.of(b.input().dim(0), Shape.UNKNOWN), b.input());
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor memory = ctx.mask(0) == null ? in.get(0) : in.get(0).withMask(ctx.mask(0));
    Generator.Generated g =
        generator.greedy(
            (tokens, cache) -> decoder.apply(List.of(tokens, memory), CallArgs.of("cache", cache)),
            memory.dim(0));
    return List.of(g.logits(), g.tokens());
  }
}
