package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.initializers.VarianceScaling;
import io.weft.initializers.Zeros;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What AiDotNet's attention layers share: {@code Y = merge(attention(X·Wq, C·Wk, C·Wv))·Wo + bo}.
 *
 * <p>The matrices start uniformly after Glorot, each with numbers of its own; {@code seed} makes
 * them repeat, {@code zeroOutputProjection} starts Wo at zero, for layers added to a residual.
 */
abstract class ProjectedLayer extends ManualLayer {
  private final Long seed;
  private final boolean zeroOutput;
  private int queryDim;
  private int contextDim;
  private int heads;
  private Variable query;
  private Variable key;
  private Variable value;
  private Variable output;
  private Variable bias;

  /** How projected queries, keys and values (batch, tokens, heads, width) become one tensor. */
  @FunctionalInterface
  interface Kernel {
    Tensor attend(Tensor q, Tensor k, Tensor v, Tensor mask);
  }

  ProjectedLayer(LayerType<?> type, Config config) {
    super(type, config);
    zeroOutput = args.bool("zeroOutputProjection", false);
    Integer given = args.integerOrNull("seed", null);
    seed = given == null ? null : (Long) (long) given;
    for (String optional : List.of("zeroOutputProjection", "seed")) {
      if (!args.has(optional)) {
        args.forget(optional);
      }
    }
    setSupportsMasking(true);
  }

  /** Says the widths; called once, by the constructor. */
  final void widths(int queryWidth, int contextWidth, int headCount) {
    if (queryWidth % headCount != 0) {
      throw new ConfigException(
          label()
              + ": Query dimension ("
              + queryWidth
              + ") must be divisible by head count ("
              + headCount
              + ").");
    }
    queryDim = queryWidth;
    contextDim = contextWidth;
    heads = headCount;
  }

  final int heads() {
    return heads;
  }

  @Override
  protected void build(BuildContext b) {
    query = b.addWeight("query_weights", Shape.of(queryDim, queryDim), start(0));
    key = b.addWeight("key_weights", Shape.of(contextDim, queryDim), start(1));
    value = b.addWeight("value_weights", Shape.of(contextDim, queryDim), start(2));
    Initializer last = zeroOutput ? new Zeros() : start(3);
    output = b.addWeight("output_weights", Shape.of(queryDim, queryDim), last);
    bias = b.addWeight("output_bias", Shape.of(queryDim), new Zeros());
  }

  /** The start of the i-th matrix; different ones also for matrices of one shape. */
  private Initializer start(int i) {
    if (seed == null) {
      return started(null);
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    int own = 0;
    for (int k = 0; k <= i; k++) {
      own = seeds.nextInt(Integer.MAX_VALUE);
    }
    return started(own);
  }

  /** How the matrices start. */
  Initializer started(Integer own) {
    return new VarianceScaling(
        Config.of("scale", 1.0, "mode", "fan_avg", "distribution", "uniform", "seed", own));
  }

  /** Attention of a query to a context, or to itself where there is none, for any rank. */
  final Tensor cross(List<Tensor> inputs, CallContext ctx, Kernel kernel, boolean images) {
    int most = Math.max(2, type().tensorArgs());
    if (inputs.isEmpty() || inputs.size() > most) {
      throw new ShapeException(
          type().className()
              + (most == 2 ? " requires 1 or 2 inputs." : " requires 1 to 3 inputs.")
              + " Received: "
              + inputs.size());
    }
    Tokens x = Tokens.ofQuery(label(), inputs.get(0), images);
    boolean self = inputs.size() == 1 || inputs.get(1) == null;
    Tensor c = self ? x.tokens() : Tokens.ofContext(label(), inputs.get(1));
    requireWidth("Query", x.tokens(), queryDim, inputs.get(0));
    requireWidth("Context", c, contextDim, inputs.get(self ? 0 : 1));
    int batch = x.tokens().dim(0);
    requireBatch("Context", c, batch);
    Tensor values = c;
    if (inputs.size() > 2) {
      values = Tokens.ofContext(label(), inputs.get(2));
      requireWidth("Value", values, contextDim, inputs.get(2));
      requireBatch("Value", values, batch);
      if (values.dim(1) != c.dim(1)) {
        throw new ShapeException(
            label()
                + ": expected "
                + c.dim(1)
                + " values, one for each key. Received: "
                + values.dim(1));
      }
    }
    Tensor q = Heads.split(Ops.matmul(x.tokens(), query.value()), heads);
    Tensor k = tiled(Heads.split(Ops.matmul(c, key.value()), heads), batch);
    Tensor v = tiled(Heads.split(Ops.matmul(values, value.value()), heads), batch);
    Tensor mask = mask(ctx, self ? 0 : 1, c);
    Tensor mixed = Heads.merge(kernel.attend(q, k, v, mask));
    return x.restored(Ops.matmul(mixed, output.value()).plus(bias.value()));
  }

  private void requireBatch(String what, Tensor tokens, int batch) {
    if (tokens.dim(0) != batch && tokens.dim(0) != 1) {
      throw new ShapeException(
          label()
              + ": "
              + what
              + " batch dimension ("
              + tokens.dim(0)
              + ") must match query batch ("
              + batch
              + ") or be 1.");
    }
  }

  private void requireWidth(String what, Tensor tokens, int expected, Tensor given) {
    if (tokens.dim(-1) != expected) {
      throw new ShapeException(
          label()
              + ": "
              + what
              + " feature dimension ("
              + tokens.dim(-1)
              + ") must match expected "
              + expected
              + ". Received: shape "
              + given.shape());
    }
  }

  /** Keys of one context for all queries of a batch. */
  private static Tensor tiled(Tensor k, int batch) {
    return k.dim(0) == batch ? k : Ops.broadcastTo(k, k.shape().withDim(0, batch));
  }

  /** The call's {@code attention_mask} and the mask attached to the context, joined. */
  private static Tensor mask(CallContext ctx, int of, Tensor context) {
    Tensor given = ctx.args().tensor("attention_mask");
    Tensor mask = given == null ? null : Ops.cast(given, DType.BOOL);
    while (mask != null && mask.rank() < 4) {
      mask = Ops.expandDims(mask, Math.max(0, mask.rank() - 2)); // of all heads, of all samples
    }
    Tensor attached = ctx.mask(of);
    if (attached != null && attached.rank() == 2) {
      Tensor keys = Ops.reshape(attached, attached.dim(0), 1, 1, context.dim(1));
      mask = mask == null ? keys : Ops.logicalAnd(mask, keys);
    }
    return mask;
  }

  /** The fused kernel, which never holds all scores. */
  static Tensor flash(Tensor q, Tensor k, Tensor v, Tensor mask, boolean causal) {
    double scale = Heads.scale(q);
    return Heads.attend(q, k, v, null, mask, scale, causal, FullyMaskedRows.UNIFORM);
  }

  /** The plain formula, which does. */
  static Tensor standard(Tensor q, Tensor k, Tensor v, Tensor mask, boolean causal) {
    double scale = Heads.scale(q);
    FullyMaskedRows rows = FullyMaskedRows.UNIFORM;
    return Heads.mix(Heads.weights(q, k, null, mask, scale, causal, rows), v);
  }

  /** Optional settings of these layers. */
  abstract static class Options<L extends ProjectedLayer, B extends Options<L, B>>
      extends Builder<L, B> {
    Options() {}

    /** Starts the output projection at zero; default false. */
    public final B zeroOutputProjection(boolean on) {
      return set("zeroOutputProjection", on);
    }

    /** Makes the start of the weights repeat, whatever else draws random numbers. */
    public final B seed(int seed) {
      return set("seed", seed);
    }
  }
}
