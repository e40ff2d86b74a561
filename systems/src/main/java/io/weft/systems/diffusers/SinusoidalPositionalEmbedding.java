package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.systems.core.Sinusoid;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * Adds the position of each token as sines and cosines, as diffusers' layer of this name: {@code
 * x[t, 2i] + sin(t·10000^(−2i/embed_dim))}, cosines at odd features.
 *
 * <p>Input: {@code (batch, T, embed_dim)}, T at most {@code max_seq_length}. Output: the same
 * shape; the mask goes on. Weights: {@code pe (1, max_seq_length, embed_dim)}, a buffer of the
 * original: not trainable, and files may lack it.
 */
public final class SinusoidalPositionalEmbedding extends UnaryLayer {
  public static final LayerType<SinusoidalPositionalEmbedding> TYPE =
      LayerType.custom(
          "diffusers", "SinusoidalPositionalEmbedding", SinusoidalPositionalEmbedding::new);

  private final int width;
  private final int length;
  private Variable table;

  /** Restores a layer from its config. */
  public SinusoidalPositionalEmbedding(Config config) {
    super(TYPE, config);
    width = args.positiveInt("embed_dim");
    length = args.positiveInt("max_seq_length", 32);
    if (width % 2 != 0) {
      throw args.refuse("embed_dim", "an even number: half sines, half cosines");
    }
    setInputSpec(InputSpec.rank(3).withAxis(-1, width));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    table = b.addWeight("pe", Shape.of(1, length, width), Sinusoid.TABLE, null, null, false);
  }

  @Override
  public boolean canDoWithoutState() {
    return true;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    int tokens = x.dim(1);
    if (tokens > length) {
      throw new ShapeException(
          label()
              + ": expected at most "
              + length
              + " tokens (max_seq_length; num_positional_embeddings of a block). Received: "
              + tokens);
    }
    return x.plus(Ops.slice(table.value(), new int[] {0, 0, 0}, new int[] {1, tokens, width}));
  }
}
