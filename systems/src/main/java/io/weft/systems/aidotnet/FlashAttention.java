package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.fused.Attention;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Attention that never holds all scores (Dao et al. 2022), on tensors that are projected already;
 * as AiDotNet's operation of this name: {@code O = softmax(scale · Q·Kᵀ)·V} and the log-sum-exp of
 * the scores of each query, from which a second pass gets the weights {@code exp(S − LSE)}.
 *
 * <p>Inputs: query {@code (batch, [heads,] T, width)}, key {@code (batch, [heads,] S, width)},
 * value {@code (batch, [heads,] S, valueWidth)}; T may be greater than S. Outputs, by sorted name:
 * {@code logsumexp (batch, [heads,] T)} and {@code output (batch, [heads,] T, valueWidth)}. With
 * the causal mask query t, which stands at position {@code queryOffset + t}, sees the keys up to
 * that position. No weights. As a layer its arguments are {@code causal}, {@code scale} (null for
 * {@code 1/√width}), {@code queryOffset} and {@code blocks}, the original's block sizes, on which
 * nothing depends.
 */
public final class FlashAttention extends Layer {
  public static final LayerType<FlashAttention> TYPE =
      LayerType.custom(AidotnetTypes.PACKAGE, "FlashAttention", FlashAttention::new)
          .inputs("query", "key", "value");

  private final FlashAttentionConfig settings;
  private final int queryOffset;

  /**
   * What an attention gives.
   *
   * @param output (batch, [heads,] T, valueWidth)
   * @param logSumExp (batch, [heads,] T)
   * @param weights (batch, [heads,] T, S) if they were asked for
   */
  public record Result(Tensor output, Tensor logSumExp, Optional<Tensor> weights) {}

  /** Attention without a mask. */
  public FlashAttention() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public FlashAttention(Config config) {
    super(TYPE, config);
    boolean causal = args.bool("causal", false);
    Double scale = args.numberOrNull("scale", null);
    queryOffset = args.integer("queryOffset", 0);
    if (queryOffset < 0) {
      throw args.refuse("queryOffset", "a position that is not negative");
    }
    int[] blocks = args.positiveInts("blocks", 2, List.of(64, 64));
    settings =
        FlashAttentionConfig.DEFAULT
            .with("useCausalMask", causal)
            .with("scaleFactor", scale)
            .with("blockSizeQ", blocks[0])
            .with("blockSizeKV", blocks[1]);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() != 3) {
      throw new ShapeException(
          label() + ": expected query, key and value. Received: " + inputs.size() + " inputs");
    }
    Result r = forward(inputs.get(0), inputs.get(1), inputs.get(2), settings, queryOffset);
    return List.of(r.logSumExp(), r.output());
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    return Map.of("logsumexp", flat.get(0), "output", flat.get(1));
  }

  /** {@link #forward(Tensor, Tensor, Tensor, FlashAttentionConfig, int)} from position 0 on. */
  public static Result forward(Tensor q, Tensor k, Tensor v, FlashAttentionConfig config) {
    return forward(q, k, v, config, 0);
  }

  /**
   * The attention of queries to keys.
   *
   * @param q (batch, [heads,] T, width)
   * @param k (batch, [heads,] S, width)
   * @param v (batch, [heads,] S, valueWidth)
   * @param queryOffset the position of the first query among the keys, for the causal mask
   */
  public static Result forward(
      Tensor q, Tensor k, Tensor v, FlashAttentionConfig config, int queryOffset) {
    check(q.shape(), k.shape(), v.shape(), queryOffset);
    List<Tensor> all = Ops.promoted(List.of(q, k, v));
    Tensor query = tokensFirst(all.get(0));
    Tensor key = tokensFirst(all.get(1));
    Tensor value = tokensFirst(all.get(2));
    DType d = query.dtype();
    if (config.precision().isHalf()) {
      query = Ops.cast(query, DType.FLOAT16);
      key = Ops.cast(key, DType.FLOAT16);
      value = Ops.cast(value, DType.FLOAT16);
    }
    boolean causal = config.useCausalMask();
    Tensor mask = causal && queryOffset > 0 ? past(q, k, queryOffset) : null;
    boolean aligned = causal && mask == null;
    double scale = config.scaleFactor() == null ? Heads.scale(query) : config.scaleFactor();
    List<Tensor> in = new ArrayList<>(List.of(query, key, value));
    if (mask != null) {
      in.add(mask);
    }
    List<Tensor> out =
        Ops.apply(new Attention(scale, aligned, Double.NEGATIVE_INFINITY, false, mask != null), in);
    Tensor output = headsFirst(Ops.cast(out.get(0), d), q.rank());
    Tensor logSumExp = q.rank() == 3 ? Ops.squeeze(out.get(1), 1) : out.get(1);
    Tensor weights = null;
    if (config.returnAttentionWeights()) {
      weights = Heads.weights(query, key, null, mask, scale, aligned, FullyMaskedRows.ZERO);
      weights = Ops.cast(q.rank() == 3 ? Ops.squeeze(weights, 1) : weights, d);
    }
    return new Result(output, logSumExp, Optional.ofNullable(weights));
  }

  private static void check(Shape q, Shape k, Shape v, int queryOffset) {
    boolean ranks =
        q.rank() == k.rank() && k.rank() == v.rank() && (q.rank() == 3 || q.rank() == 4);
    int lead = q.rank() - 2;
    if (!ranks
        || !q.slice(0, lead).equals(k.slice(0, lead))
        || !k.slice(0, lead + 1).equals(v.slice(0, lead + 1))
        || q.dim(-1) != k.dim(-1)) {
      throw new ShapeException(
          "FlashAttention: expected query (batch, [heads,] T, width), key (batch, [heads,] S,"
              + " width) and value (batch, [heads,] S, valueWidth). Received: "
              + q
              + ", "
              + k
              + ", "
              + v);
    }
    if (queryOffset < 0) {
      throw new ConfigException(
          "FlashAttention: queryOffset must not be negative. Received: " + queryOffset);
    }
  }

  /** (1, 1, T, S), true for the keys that a query may see. */
  private static Tensor past(Tensor q, Tensor k, int queryOffset) {
    Tensor positions = Ops.arange(q.dim(-2)).plus(Tensor.scalar(queryOffset));
    Tensor keep = Ops.lessEqual(Ops.arange(k.dim(-2)), Ops.expandDims(positions, 1));
    return Ops.reshape(keep, 1, 1, q.dim(-2), k.dim(-2));
  }

  /** (batch, tokens, heads, width), which for one head is no transposition. */
  private static Tensor tokensFirst(Tensor x) {
    return x.rank() == 3 ? Ops.expandDims(x, 2) : Ops.transpose(x, 0, 2, 1, 3);
  }

  private static Tensor headsFirst(Tensor x, int rank) {
    return rank == 3 ? Ops.squeeze(x, 2) : Ops.transpose(x, 0, 2, 1, 3);
  }
}
