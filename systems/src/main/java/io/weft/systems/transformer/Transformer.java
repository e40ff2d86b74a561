package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.models.SubclassedModel;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * The Transformer of "Attention Is All You Need" (Vaswani et al. 2017, arXiv 1706.03762): an
 * encoder reads the source, a decoder writes the target, seeing what it wrote and, by
 * cross-attention, what the encoder made of the source.
 *
 * <p>Inputs: a list {@code [source (batch, S), target (batch, T)]} of tokens, {@code padding}
 * (default 0) being none. Output: logits of the token that follows each of the target's {@code
 * (batch, T, target_vocab)}, masked where the target is padding. Weights: those of the encoder,
 * then the decoder's.
 */
public final class Transformer extends SubclassedModel {
  public static final LayerType<Transformer> TYPE =
      LayerType.custom("vaswani", "Transformer", Transformer::new).takesList().args("training");

  private final TransformerEncoder encoder;
  private final TransformerDecoder decoder;

  /** Restores a model from its config. */
  public Transformer(Config config) {
    super(TYPE, config);
    int source = args.positiveInt("source_vocab");
    int target = args.positiveInt("target_vocab");
    int dim = args.positiveInt("dim", 512);
    int heads = args.positiveInt("heads", 8);
    int encoderLayers = args.positiveInt("encoder_layers", 6);
    int decoderLayers = args.positiveInt("decoder_layers", 6);
    Config c =
        Config.of(
            "dim",
            dim,
            "heads",
            heads,
            "ff",
            args.positiveInt("ff", 4 * dim),
            "dropout",
            args.fraction("dropout", 0.1),
            "activation",
            args.string("activation", "relu"),
            "norm_first",
            args.bool("norm_first", false),
            "padding",
            args.integerOrNull("padding", 0),
            "dtype",
            policy());
    boolean tied = args.bool("tied", true);
    encoder =
        track(
            "encoder",
            Layer.fromConfig(
                TransformerEncoder.TYPE,
                c.plus(Config.of("vocab", source, "layers", encoderLayers))));
    decoder =
        track(
            "decoder",
            Layer.fromConfig(
                TransformerDecoder.TYPE,
                c.plus(Config.of("vocab", target, "layers", decoderLayers, "tied", tied))));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    if (b.inputs().size() != 2) {
      throw new ShapeException(
          label() + ": expected a list [source, target]. Received: " + b.inputs());
    }
    b.build(encoder, b.input(0));
    b.build(decoder, b.input(1), Shape.of(b.input(0).dim(0), Shape.UNKNOWN, decoder.dim()));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    CallArgs a = ctx.forward("training");
    return decoder.applyAll(List.of(in.get(1), encoder.apply(in.get(0), a)), a);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(decoder.keep(inputs.get(1)));
  }

  /** What the decoder says about tokens that follow, for sources {@code (batch, S)}. */
  public NextToken decoding(Tensor source) {
    Tensor memory = encoder.apply(source);
    return (tokens, cache) -> decoder.apply(List.of(tokens, memory), CallArgs.of("cache", cache));
  }

  /**
   * How much each target token looked at each source token: the weights of the cross-attention of
   * each decoder block, {@code (batch, heads, T, S)}.
   */
  public List<Tensor> attention(Tensor source, Tensor target) {
    List<Tensor> out =
        decoder.applyAll(
            List.of(target, encoder.apply(source)), CallArgs.of("return_attention_scores", true));
    return out.subList(1, out.size());
  }
}
