package io.weft.systems.retro;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.models.SubclassedModel;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * RETRO (Borgeaud et al. 2021, arXiv 2112.04426): a language model whose layers {@code
 * cross_layers} read neighbours that were found, for each chunk of the text so far, in a memory;
 * see {@link ChunkRetriever}. The neighbours are encoded once, when the first of these layers needs
 * them.
 *
 * <p>Inputs: a list {@code [tokens (batch, n), neighbours (batch, n / chunk_size, k, r)]} of
 * tokens, {@code padding} (default 0) in neighbours being none; without neighbours the layers are
 * those of a plain language model. Output: logits {@code (batch, n, vocab)}. Layers count from 1;
 * by default every third from 6 on reads, or the last if there are fewer. Weights: {@code embedding
 * (vocab, dim)}, the layers, the encoder, last norm, the output's kernel.
 */
public final class RetroDecoder extends SubclassedModel {
  public static final LayerType<RetroDecoder> TYPE =
      LayerType.custom("retro", "RetroDecoder", RetroDecoder::new).takesList().args("training");

  private final int vocabulary;
  private final int dim;
  private final int chunk;
  private final int padding;
  private final List<RetroBlock> layers = new ArrayList<>();
  private final RetroEncoder encoder;
  private final Layer norm;
  private final Dense output;
  private Variable embedding;

  /** Restores a model from its config. */
  public RetroDecoder(Config config) {
    super(TYPE, config);
    vocabulary = args.positiveInt("vocab");
    dim = args.positiveInt("dim", 896);
    chunk = args.positiveInt("chunk_size", 64);
    int count = args.positiveInt("layers", 12);
    int encoderLayers = args.positiveInt("encoder_layers", 2);
    padding = args.integer("padding", 0);
    List<Integer> usual = new ArrayList<>();
    for (int i = 6; i <= count; i += 3) {
      usual.add(i);
    }
    List<Integer> reading =
        RetroParts.layers(args, "cross_layers", count, usual.isEmpty() ? List.of(count) : usual);
    List<Integer> encoderReading =
        RetroParts.layers(args, "encoder_cross_layers", encoderLayers, List.of(1));
    Config c = RetroParts.block(args, policy()).plus(Config.of("dim", dim, "chunk_size", chunk));
    for (int i = 1; i <= count; i++) {
      String cross = reading.contains(i) ? "chunked" : "none";
      layers.add(Layer.fromConfig(RetroBlock.TYPE, c.with("cross", cross)));
    }
    trackAll("layers", layers);
    Config forEncoder =
        RetroParts.block(args, policy())
            .plus(Config.of("dim", dim, "layers", encoderLayers, "cross_layers", encoderReading));
    encoder = track("encoder", Layer.fromConfig(RetroEncoder.TYPE, forEncoder));
    norm = track("norm_out", Parts.rmsNorm(1e-8, policy()));
    output = track("to_logits", Parts.dense(vocabulary, false, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    // of unit size, as in RETRO-pytorch: a smaller token would be lost beside the blocks' outputs
    embedding = b.addWeight("embedding", Shape.of(vocabulary, dim), new RandomNormal(0, 1));
    Shape x = Shape.of(Shape.UNKNOWN, Shape.UNKNOWN, dim);
    layers.forEach(l -> b.build(l, x));
    b.build(encoder, Shape.of(x.dim(0), x.dim(0), x.dim(0), x.dim(0), dim));
    b.build(norm, x);
    b.build(output, x);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor tokens = in.get(0);
    if (tokens.rank() != 2) {
      throw new ShapeException(
          label() + ": expected tokens (batch, n). Received: " + tokens.shape() + ".");
    }
    int whole = tokens.dim(1) / chunk;
    Tensor found = in.size() > 1 && whole > 0 ? in.get(1) : null;
    if (found != null
        && (found.rank() != 4 || found.dim(0) != tokens.dim(0) || found.dim(1) != whole)) {
      throw new ShapeException(
          label()
              + ": neighbours: expected ("
              + tokens.dim(0)
              + ", "
              + whole
              + " chunks of "
              + chunk
              + " tokens, k, r). Received: "
              + found.shape()
              + ".");
    }
    CallArgs a = ctx.forward("training");
    Tensor x = Ops.lookUp(embedding.value(), tokens, label() + ": tokens", false);
    Tensor mask = found == null ? null : Ops.notEqual(found, padding);
    Tensor encoded = null;
    for (RetroBlock l : layers) {
      if (found == null || !l.reads()) {
        x = l.apply(x, a);
        continue;
      }
      if (encoded == null) {
        int[] size = {x.dim(0), whole * chunk, dim};
        Tensor chunks =
            Ops.reshape(Ops.slice(x, new int[] {0, 0, 0}, size), x.dim(0), whole, chunk, dim);
        Tensor e = Ops.lookUp(embedding.value(), found, label() + ": neighbours", false);
        encoded = encoder.apply(List.of(e, chunks), a.with("mask", mask));
      }
      x = l.apply(List.of(x, encoded), a.with("context_mask", mask));
    }
    return List.of(output.apply(norm.apply(x)));
  }
}
