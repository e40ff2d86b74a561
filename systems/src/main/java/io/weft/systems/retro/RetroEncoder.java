package io.weft.systems.retro;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * RETRO's encoder of neighbours (Borgeaud et al. 2021, 2.4): each neighbour is read in both
 * directions and, in some layers, attends to the decoder's activations of the chunk it was found
 * for.
 *
 * <p>Inputs: embedded neighbours {@code (batch, l, k, r, dim)}; activations of the chunks {@code
 * (batch, l, m, context_dim)}, or none. Output: {@code (batch, l, k, r, dim)}. Call argument:
 * {@code mask (batch, l, k, r)}, true = a token. Weights: those of the layers, last norm.
 */
public final class RetroEncoder extends Layer {
  public static final LayerType<RetroEncoder> TYPE =
      LayerType.custom("retro", "RetroEncoder", RetroEncoder::new)
          .inputs("neighbours", "chunks")
          .args("mask", "training");

  private final int dim;
  private final int contextDim;
  private final List<RetroBlock> layers = new ArrayList<>();
  private final Layer norm;

  /** Restores a layer from its config. */
  public RetroEncoder(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    contextDim = args.positiveInt("context_dim", dim);
    int count = args.positiveInt("layers", 2);
    Config c =
        RetroParts.block(args, policy())
            .plus(Config.of("dim", dim, "context_dim", contextDim, "causal", false));
    List<Integer> reading = RetroParts.layers(args, "cross_layers", count, List.of(1));
    for (int i = 1; i <= count; i++) {
      String cross = reading.contains(i) ? "plain" : "none";
      layers.add(Layer.fromConfig(RetroBlock.TYPE, c.with("cross", cross)));
    }
    trackAll("layers", layers);
    norm = track("norm_out", Parts.rmsNorm(1e-8, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = Shape.of(Shape.UNKNOWN, Shape.UNKNOWN, dim);
    layers.forEach(l -> b.build(l, x));
    b.build(norm, x);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor e = in.get(0);
    if (e.rank() != 5 || e.dim(4) != dim) {
      throw new ShapeException(
          label()
              + ": neighbours: expected (batch, chunks, k, r, "
              + dim
              + "). Received: "
              + e.shape()
              + ".");
    }
    int all = e.dim(0) * e.dim(1) * e.dim(2);
    Tensor x = Ops.reshape(e, all, e.dim(3), dim);
    Tensor chunks = in.size() > 1 ? in.get(1) : null;
    if (chunks != null) {
      if (chunks.rank() != 4
          || !chunks.shape().slice(0, 2).equals(e.shape().slice(0, 2))
          || chunks.dim(3) != contextDim) {
        throw new ShapeException(
            label()
                + ": chunks: expected ("
                + e.dim(0)
                + ", "
                + e.dim(1)
                + ", m, "
                + contextDim
                + "). Received: "
                + chunks.shape()
                + ".");
      }
      // each neighbour of a chunk reads that chunk
      chunks = Ops.repeat(Ops.expandDims(chunks, 2), e.dim(2), 2);
      chunks = Ops.reshape(chunks, all, chunks.dim(3), contextDim);
    }
    CallArgs a = ctx.forward("training");
    Tensor mask = ctx.args().tensor("mask");
    if (mask != null && !mask.shape().equals(e.shape().slice(0, 4))) {
      throw new ShapeException(
          label() + ": mask: expected " + e.shape().slice(0, 4) + ". Received: " + mask.shape());
    }
    a = mask == null ? a : a.with("mask", Ops.reshape(mask, all, e.dim(3)));
    for (RetroBlock l : layers) {
      x = l.apply(l.reads() && chunks != null ? List.of(x, chunks) : List.of(x), a);
    }
    return List.of(Ops.reshape(norm.apply(x), e.shape().dims()));
  }
}
