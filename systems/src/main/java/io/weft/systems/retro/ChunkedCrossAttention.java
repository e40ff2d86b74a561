package io.weft.systems.retro;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.core.MultiHead;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * RETRO's chunked cross-attention (Borgeaud et al. 2021, arXiv 2112.04426, 2.4). The sequence is
 * cut into chunks of m tokens; the neighbours found for a chunk are read by its last token and the
 * first m − 1 of the next chunk, so that no token sees a neighbour that was chosen by later tokens.
 *
 * <p>Inputs: {@code (batch, n, dim)}; encoded neighbours {@code (batch, n / m, k, r, context_dim)},
 * k of length r for each whole chunk. Output: {@code (batch, n, dim)}, 0 for the first m − 1
 * tokens, to be added to the input. Call argument: {@code context_mask (batch, n / m, k, r)}, true
 * = a token; where all is padding, only the learned null value is left.
 *
 * <p>{@code rotaryDim} above 0 turns that many features of each head by position: query i of a
 * chunk stands at {@code i + m − 1}, neighbours at 0 … r − 1. RETRO-pytorch shifts its table of
 * rotations along with the queries, so that only the first is turned, as if at {@code 2(m − 1)};
 * {@code defects=true} does the same. Weights, named as in RETRO-pytorch under {@code cross_attn}:
 * {@code null_k}, {@code null_v}, {@code to_q}, {@code to_k}, {@code to_v}, {@code to_out} with a
 * bias.
 */
public final class ChunkedCrossAttention extends Layer {
  public static final LayerType<ChunkedCrossAttention> TYPE =
      LayerType.custom("retro", "ChunkedCrossAttention", ChunkedCrossAttention::new)
          .inputs("x", "context")
          .args("context_mask", "training");

  private final int chunk;
  private final int dim;
  private final int contextDim;
  private final int rotaryDim;
  private final boolean defects;
  private final MultiHead attention;

  /** Restores a layer from its config. */
  public ChunkedCrossAttention(Config config) {
    super(TYPE, config);
    chunk = args.positiveInt("chunk_size");
    dim = args.positiveInt("dim");
    contextDim = args.positiveInt("context_dim", dim);
    int headWidth = args.positiveInt("dim_head", 64);
    int heads = args.positiveInt("heads", 8);
    double dropout = args.fraction("dropout", 0.0);
    rotaryDim = args.integer("rotaryDim", 0);
    defects = args.bool("defects", false);
    Config c = RetroParts.attention(dim, headWidth, heads, dropout, rotaryDim);
    c = c.with("use_bias", RetroParts.bias(args)).with("dtype", policy());
    attention = track("cross_attn", Layer.fromConfig(MultiHead.TYPE, c));
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input(0).withDim(-1, dim);
    b.build(attention, x, Shape.of(x.dim(0), Shape.UNKNOWN, contextDim));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor x = in.get(0);
    if (x.rank() != 3 || x.dim(2) != dim) {
      throw new ShapeException(
          label() + ": x: expected (batch, tokens, " + dim + "). Received: " + x.shape() + ".");
    }
    int n = x.dim(1);
    int batch = x.dim(0);
    int chunks = n / chunk;
    if (chunks == 0) {
      return List.of(Ops.zerosLike(x));
    }
    Tensor e = context(in, batch, chunks);
    int neighbours = e.dim(2);
    int length = e.dim(3);
    CallArgs a = ctx.forward("training");
    Tensor mask = ctx.args().tensor("context_mask");
    if (mask != null) {
      if (!mask.shape().equals(e.shape().slice(0, 4))) {
        throw new ShapeException(
            label()
                + ": context_mask: expected "
                + e.shape().slice(0, 4)
                + ". Received: "
                + mask.shape()
                + ".");
      }
      a = a.with("key_mask", Ops.reshape(mask, batch * chunks, neighbours * length));
    }
    if (rotaryDim > 0) {
      int[] at = range(chunk - 1, chunk, 1);
      if (defects) {
        at = new int[chunk];
        at[0] = 2 * (chunk - 1);
      }
      a = a.with("query_positions", at);
      a = a.with("key_positions", range(0, length, neighbours));
    }
    // token i of a chunk of queries is token i + m − 1 of the sequence, 0 behind its end
    int shift = chunk - 1;
    int whole = chunks * chunk;
    Tensor shifted = Ops.slice(x, new int[] {0, shift, 0}, new int[] {batch, n - shift, dim});
    shifted = Ops.pad(shifted, new int[][] {{0, 0}, {0, shift}, {0, 0}}, 0);
    Tensor queries = Ops.slice(shifted, new int[] {0, 0, 0}, new int[] {batch, whole, dim});
    Tensor y =
        attention.apply(
            List.of(
                Ops.reshape(queries, batch * chunks, chunk, dim),
                Ops.reshape(e, batch * chunks, neighbours * length, contextDim)),
            a);
    y = Ops.reshape(y, batch, whole, dim);
    int kept = Math.min(whole, n - shift);
    y = Ops.slice(y, new int[] {0, 0, 0}, new int[] {batch, kept, dim});
    return List.of(Ops.pad(y, new int[][] {{0, 0}, {shift, n - shift - kept}, {0, 0}}, 0));
  }

  private Tensor context(List<Tensor> in, int batch, int chunks) {
    Tensor e = in.size() > 1 ? in.get(1) : null;
    if (e == null
        || e.rank() != 5
        || e.dim(0) != batch
        || e.dim(1) != chunks
        || e.dim(4) != contextDim) {
      throw new ShapeException(
          label()
              + ": context: expected neighbours ("
              + batch
              + ", "
              + chunks
              + " chunks of "
              + chunk
              + " tokens, k, r, "
              + contextDim
              + "). Received: "
              + (e == null ? "none" : e.shape())
              + ".");
    }
    return e;
  }

  private static int[] range(int first, int count, int repeats) {
    int[] p = new int[count * repeats];
    for (int i = 0; i < p.length; i++) {
      p[i] = first + i % count;
    }
    return p;
  }
}
