package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * What {@link Attention} and {@link AdditiveAttention} share: everything but the scores.
 *
 * <p>Inputs: a list {@code [query (batch, T, dim), value (batch, S, dim_v)]} or {@code [query,
 * value, key (batch, S, dim)]}; the key is the value by default. Output: {@code (batch, T, dim_v)},
 * with {@code return_attention_scores} then the weights {@code (batch, T, S)} as they are after
 * dropout. Call arguments: {@code mask}, a list {@code [query_mask, value_mask]}; {@code
 * use_causal_mask}; {@code training}. Masked scores are lowered by 1e9 (65504 in float16), so a row
 * without any key attends to all of them evenly. The query mask sets rows of the output to zero and
 * goes on.
 */
abstract class ScoreAttention extends Layer {
  private final boolean useScale;
  private final boolean concat;
  private final double dropout;
  private final Integer seed;
  private SeedGenerator generator;

  ScoreAttention(LayerType<?> type, Config config, boolean additive) {
    super(type, config);
    useScale = args.bool("use_scale", additive);
    concat = !additive && args.oneOf("score_mode", "dot", "dot", "concat").equals("concat");
    dropout = args.fraction("dropout", 0.0);
    seed = args.integerOrNull("seed", null);
    setSupportsMasking(true);
  }

  static <L extends ScoreAttention> LayerType<L> signature(LayerType<L> type) {
    return type.takesList().args("mask", "training", "return_attention_scores", "use_causal_mask");
  }

  final boolean useScale() {
    return useScale;
  }

  final boolean concat() {
    return concat;
  }

  /** Makes the weights of the scores. */
  abstract void buildScores(BuildContext b);

  /** Scores (batch, T, S). */
  abstract Tensor scores(Tensor query, Tensor key);

  @Override
  protected final void build(BuildContext b) {
    check(b.inputs().size());
    buildScores(b);
    generator = dropout > 0 ? b.addSeed(seed) : null;
  }

  private void check(int inputs) {
    if (inputs < 2 || inputs > 3) {
      throw new ShapeException(
          label()
              + ": expected a list [query, value] or [query, value, key]. Received: "
              + inputs
              + (inputs == 1 ? " tensor" : " tensors"));
    }
  }

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    check(inputs.size());
    if (ctx.args().get("mask") instanceof Tensor) {
      throw new ShapeException(
          label() + ": mask must be a list [query_mask, value_mask]. Received: one tensor");
    }
    Tensor value = inputs.get(1);
    Tensor scores = scores(inputs.get(0), inputs.get(inputs.size() - 1));
    Tensor keep = AttentionMasks.ofKeys(ctx.mask(1));
    if (ctx.args().bool("use_causal_mask", false)) {
      keep = AttentionMasks.and(keep, AttentionMasks.causal(scores.dim(-2), scores.dim(-1)));
    }
    if (keep != null) {
      double low = scores.dtype() == DType.FLOAT16 ? 65504 : 1e9;
      scores = Ops.where(keep, scores, scores.minus(low));
    }
    Tensor weights = Ops.softmax(scores, -1);
    if (ctx.training() && dropout > 0) {
      weights = RandomOps.dropout(weights, dropout, ctx.randomKey(generator));
    }
    Tensor y = weights.matmul(value);
    if (ctx.mask(0) != null) {
      y = Ops.where(AttentionMasks.ofQueries(ctx.mask(0)), y, 0);
    }
    return ctx.args().bool("return_attention_scores", false) ? List.of(y, weights) : List.of(y);
  }

  @Override
  protected final List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(masks.get(0));
  }

  /** {@code query + key} for each pair: (batch, T, S, dim). */
  static Tensor pairs(Tensor query, Tensor key) {
    return Ops.expandDims(query, -2).plus(Ops.expandDims(key, -3));
  }

  /**
   * Optional settings that both layers have.
   *
   * @param <L> the layer
   * @param <B> the builder itself
   */
  public abstract static class Builder<L extends Layer, B extends Builder<L, B>>
      extends Layer.Builder<L, B> {
    Builder() {}

    /** Whether a learned factor scales the scores. */
    public final B useScale(boolean on) {
      return set("use_scale", on);
    }

    /** Share of attention weights dropped in training, in [0, 1); default 0. */
    public final B dropout(double rate) {
      return set("dropout", rate);
    }

    /** The seed of dropout; default a fresh one. */
    public final B seed(int seed) {
      return set("seed", seed);
    }
  }
}
