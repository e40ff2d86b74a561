package io.weft.systems.allattention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.systems.core.Parts;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.Map;

/**
 * Self-attention with a persistent memory, which takes the place of a transformer's feed-forward
 * layer too (Sukhbaatar et al. 2019, arXiv 1907.01470). One softmax goes over the sequence and
 * {@code memory} learned pairs of each head: {@code s = [q·kᵀ + q·p(t−j) ; q·Mkᵀ] / √width}, {@code
 * y = LN(x + (softmax(s)·[v ; Mv])·Wo)}.
 *
 * <p>Input: {@code (batch, T, dim)}. Output: the same shape; with {@code returnProbabilities} then
 * also the probabilities {@code (batch, heads, T, T + memory)}, those of the memory last. Masks
 * (causal unless {@code causal} is false; the attached one; {@code attention_mask}, true = may
 * attend) hide positions of the sequence, never the memory. {@code positions}: how many distances
 * have a learned vector, at least T; 0 for none. Without a causal mask later positions have
 * distance 0. Weights: {@code memory_key}, {@code memory_value (heads, memory, width)}, {@code
 * position (positions, width)}, kernels of {@code q}, {@code k}, {@code v}, {@code o}, then {@code
 * norm}. The memory starts standard normal; the paper stores it divided by {@code √width} and
 * {@code √memory}, to the same effect at the start.
 */
public final class AllAttention extends Layer {
  public static final LayerType<AllAttention> TYPE =
      LayerType.custom(AllattentionTypes.PACKAGE, "AllAttention", AllAttention::new)
          .args("training", "mask", "attention_mask");

  private final int dim;
  private final int heads;
  private final int pairs;
  private final boolean causal;
  private final int positions;
  private final boolean drops;
  private final boolean returnProbabilities;
  private final Dense q;
  private final Dense k;
  private final Dense v;
  private final Dense o;
  private final Dropout dropout;
  private final LayerNormalization norm;
  private Memory memory;
  private Variable position;

  /** A causal layer without relative positions. */
  public AllAttention(int dim, int heads, int memory) {
    this(Config.of("dim", dim, "heads", heads, "memory", memory));
  }

  /** Restores a layer from its config. */
  public AllAttention(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    heads = args.positiveInt("heads");
    if (dim % heads != 0) {
      throw args.refuse("heads", "a divisor of dim=" + dim);
    }
    pairs = args.integer("memory");
    if (pairs < 0) {
      throw args.refuse("memory", "a number that is not negative");
    }
    causal = args.bool("causal", true);
    positions = args.integer("positions", 0);
    if (positions < 0) {
      throw args.refuse("positions", "a number that is not negative");
    }
    double rate = args.fraction("dropout", 0.0);
    drops = rate > 0;
    returnProbabilities = args.bool("returnProbabilities", false);
    q = track("q", Parts.dense(dim, false, policy()));
    k = track("k", Parts.dense(dim, false, policy()));
    v = track("v", Parts.dense(dim, false, policy()));
    o = track("o", Parts.dense(dim, false, policy()));
    norm = track("norm", Parts.norm(Parts.EPSILON, true, policy()));
    dropout = track("dropout", Parts.dropout(rate, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    check(b.input());
    memory = new Memory(b, "memory_key", "memory_value", Shape.of(heads, pairs, dim / heads));
    if (positions > 0) {
      position =
          b.addWeight(
              "position",
              Shape.of(positions, dim / heads),
              new RandomNormal(Config.of("mean", 0.0, "stddev", 1.0)));
    }
    List.of(q, k, v, o, norm).forEach(l -> b.build(l, b.input()));
  }

  private void check(Shape x) {
    if (x.rank() != 3 || x.dim(2) != dim) {
      throw new ShapeException(
          label() + ": expected (batch, steps, " + dim + "). Received: shape " + x);
    }
    if (positions > 0 && x.dim(1) > positions) {
      throw new ShapeException(
          label()
              + ": expected at most "
              + positions
              + " steps, as many as there are relative positions. Received: "
              + x.dim(1));
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    check(x.shape());
    int batch = x.dim(0);
    int steps = x.dim(1);
    Tensor query = Heads.split(q.apply(x), heads);
    Tensor key = Heads.split(k.apply(x), heads);
    Tensor value = Heads.split(v.apply(x), heads);
    double scale = Heads.scale(query);
    Tensor keys = Ops.concatenate(List.of(key, memory.keys(batch)), 1);
    Tensor values = Ops.concatenate(List.of(value, memory.values(batch)), 1);
    Tensor given = ctx.args().tensor("attention_mask");
    Tensor mask = memory.widened(Memory.joined(given, ctx.mask(0), causal, steps, steps), false);
    Tensor bias = position == null ? null : bias(query, scale);
    FullyMaskedRows rows = FullyMaskedRows.ZERO; // only where there is no memory either
    Tensor y =
        drops && ctx.training()
            ? Heads.attend(query, keys, values, bias, mask, scale, false, rows, dropout)
            : Heads.attend(query, keys, values, bias, mask, scale, false, rows);
    Tensor out = norm.apply(x.plus(o.apply(Heads.merge(y))));
    return returnProbabilities
        ? List.of(out, Heads.weights(query, keys, bias, mask, scale, false, rows))
        : List.of(out);
  }

  /** The part of the scores that depends on distances, zero for the memory. */
  private Tensor bias(Tensor query, double scale) {
    int batch = query.dim(0);
    int steps = query.dim(1);
    Tensor byDistance = Ops.einsum("bthd,pd->bhtp", query, position.value()).times(scale);
    Tensor flat = Ops.reshape(byDistance, batch * heads, steps * positions);
    HostArray at = HostArray.zeros(DType.INT32, Shape.of(steps, steps));
    for (int t = 0; t < steps; t++) {
      for (int j = 0; j < steps; j++) {
        at.set(t * steps + j, (long) t * positions + Math.max(0, t - j));
      }
    }
    Tensor bias = Ops.take(flat, Tensor.ofTrusted(at), 1);
    bias = Ops.reshape(bias, batch, heads, steps, steps);
    return Ops.pad(bias, new int[][] {{0, 0}, {0, 0}, {0, 0}, {0, pairs}}, 0);
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    return returnProbabilities
        ? Map.of("output", flat.get(0), "probabilities", flat.get(1))
        : flat.get(0);
  }
}
