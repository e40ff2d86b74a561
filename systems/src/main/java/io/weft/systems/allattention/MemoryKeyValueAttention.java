package io.weft.systems.allattention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.AttentionMask;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Attention with learned pairs of keys and values before those of the sequence, after their
 * projection: the class {@code Attention} of x-transformers with {@code num_mem_kv}. No residual,
 * no normalization.
 *
 * <p>Inputs: {@code x (batch, T, dim)} and optionally {@code context (batch, S, width)}, without
 * which x attends to itself. Output: {@code (batch, T, dim)}, with one head {@code (batch, T,
 * dim_head)}. Masks: {@code causal}; {@code mask} (batch, T), the keys of self-attention, whose
 * rows are 0 in the output; {@code context_mask} (batch, S); {@code attn_mask}, true = may attend,
 * (T, S), (heads, T, S) or (batch, heads, T, S); none of them hides the memory, unless the last has
 * columns for it, num_mem_kv + S. Weights: {@code mem_k}, {@code mem_v (heads, num_mem_kv,
 * dim_head)} if there are any, kernels of {@code to_q}, {@code to_k}, {@code to_v}, and of {@code
 * to_out} where there are several heads.
 */
public final class MemoryKeyValueAttention extends Layer {
  public static final LayerType<MemoryKeyValueAttention> TYPE =
      LayerType.custom(AllattentionTypes.PACKAGE, "Attention", MemoryKeyValueAttention::new)
          .inputs("x")
          .optional("context")
          .args("mask", "context_mask", "attn_mask", "training");

  private final int dim;
  private final int heads;
  private final int width;
  private final int pairs;
  private final boolean causal;
  private final boolean drops;
  private final Dense toQ;
  private final Dense toK;
  private final Dense toV;
  private final Dense toOut;
  private final Dropout dropout;
  private Memory memory;

  /** Attention with 8 heads of width 64. */
  public MemoryKeyValueAttention(int dim, int numMemKv) {
    this(Config.of("dim", dim, "num_mem_kv", numMemKv));
  }

  /** Restores a layer from its config. */
  public MemoryKeyValueAttention(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    heads = args.positiveInt("heads", 8);
    width = args.positiveInt("dim_head", 64);
    pairs = args.integer("num_mem_kv", 0);
    if (pairs < 0) {
      throw args.refuse("num_mem_kv", "a number that is not negative");
    }
    causal = args.bool("causal", false);
    double rate = args.fraction("dropout", 0.0);
    drops = rate > 0;
    toQ = track("to_q", Parts.dense(heads * width, false, policy()));
    toK = track("to_k", Parts.dense(heads * width, false, policy()));
    toV = track("to_v", Parts.dense(heads * width, false, policy()));
    // one head is not projected back, as in the original
    toOut = heads > 1 ? track("to_out", Parts.dense(dim, false, policy())) : null;
    dropout = track("attn_drop", Parts.dropout(rate, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    Shape context = b.inputs().size() > 1 ? b.input(1) : x;
    if (pairs > 0) {
      memory = new Memory(b, "mem_k", "mem_v", Shape.of(heads, pairs, width));
    }
    check(x, context);
    b.build(toQ, x);
    b.build(toK, context);
    b.build(toV, context);
    if (toOut != null) {
      b.build(toOut, x.withDim(-1, heads * width));
    }
  }

  private void check(Shape x, Shape context) {
    if (x.rank() != 3 || x.dim(2) != dim || context.rank() != 3) {
      throw new ShapeException(
          label()
              + ": expected x (batch, steps, "
              + dim
              + ") and context (batch, sources, width). Received: "
              + x
              + ", "
              + context);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    boolean self = inputs.size() == 1 || inputs.get(1) == null;
    Tensor context = self ? x : inputs.get(1);
    check(x.shape(), context.shape());
    Tensor q = Heads.split(toQ.apply(x), heads);
    Tensor k = Heads.split(toK.apply(context), heads);
    Tensor v = Heads.split(toV.apply(context), heads);
    Tensor keyMask = self ? ctx.mask(0) : ctx.args().tensor("context_mask");
    if (!self && keyMask == null) {
      keyMask = ctx.mask(1);
    }
    Tensor given = scoresMask(ctx.args().tensor("attn_mask"));
    boolean whole = given != null && pairs > 0 && given.dim(3) == pairs + context.dim(1);
    Tensor mask = Memory.joined(whole ? null : given, keyMask, causal, x.dim(1), context.dim(1));
    if (memory != null) {
      k = Ops.concatenate(List.of(memory.keys(x.dim(0)), k), 1);
      v = Ops.concatenate(List.of(memory.values(x.dim(0)), v), 1);
      mask = memory.widened(mask, true);
      mask = whole ? AttentionMask.and(mask, given) : mask;
    }
    double scale = Heads.scale(q);
    FullyMaskedRows rows = FullyMaskedRows.UNIFORM;
    Tensor y =
        drops && ctx.training()
            ? Heads.attend(q, k, v, null, mask, scale, false, rows, dropout)
            : Heads.attend(q, k, v, null, mask, scale, false, rows);
    Tensor merged = Heads.merge(y);
    Tensor out = toOut == null ? merged : toOut.apply(merged);
    Tensor seen = ctx.mask(0);
    return List.of(
        seen == null ? out : Ops.where(Ops.expandDims(seen, -1), out, Ops.zerosLike(out)));
  }

  /** As booleans, with axes for batch and heads. */
  private static Tensor scoresMask(Tensor given) {
    Tensor mask = AttentionMask.bool(given);
    while (mask != null && mask.rank() < 4) {
      mask = Ops.expandDims(mask, 0);
    }
    return mask;
  }
}
