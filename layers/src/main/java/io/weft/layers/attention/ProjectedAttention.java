package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.WeightOptions;
import io.weft.layers.core.EinsumDense;
import io.weft.layers.core.Softmax;
import io.weft.layers.regularization.Dropout;
import io.weft.ops.DotProductAttention;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * What the attention layers with projections share: query, key, value, gate and output projections,
 * the masks, and two ways to compute.
 *
 * <p>Without dropout and returned scores, and with one attention axis, the weights come from {@link
 * DotProductAttention}: a row without any key attends to all of them evenly. Otherwise they come
 * from a softmax layer, and such a row gives zeros. Both are Keras'. With {@code uniform_rows}, a
 * key that Keras 3 does not have, such a row attends evenly either way, as in Keras 2.
 */
abstract class ProjectedAttention extends Layer {
  /** What Keras 2 adds to the scores of masked positions. */
  private static final double MASKED = -1e9;

  private static final double MASKED_HALF = -65504;

  private double dropout;
  private boolean uniformRows;
  private boolean useBias;
  private boolean useGate;
  private Integer slidingWindow;
  private Integer seed;
  private WeightOptions options;
  private EinsumDense queryDense;
  private EinsumDense keyDense;
  private EinsumDense gateDense;
  private EinsumDense valueDense;
  private EinsumDense outputDense;
  private Softmax softmax;
  private Dropout dropoutLayer;
  private String scoresEquation;
  private String combineEquation;
  private int attentionAxes;

  ProjectedAttention(LayerType<?> type, Config config) {
    super(type, config);
    setSupportsMasking(true);
  }

  /** The signature that these layers share. */
  static <L extends ProjectedAttention> LayerType<L> signature(LayerType<L> type) {
    return type.inputs("query", "value", "key")
        .args(
            "query_mask",
            "value_mask",
            "key_mask",
            "attention_mask",
            "return_attention_scores",
            "training",
            "use_causal_mask");
  }

  // the subclasses read these in the order of their configs

  final void readDropout() {
    dropout = args.fraction("dropout", 0.0);
    uniformRows = args.bool("uniform_rows", false);
    if (!uniformRows) {
      args.forget("uniform_rows");
    }
  }

  final void readBiasAndGate() {
    useBias = args.bool("use_bias", true);
    useGate = args.bool("use_gate", false);
  }

  final void readSlidingWindow() {
    slidingWindow = args.integerOrNull("sliding_window", null);
    if (slidingWindow != null && slidingWindow <= 0) {
      throw args.refuse("sliding_window", "null or a positive integer");
    }
  }

  /** The rest: what the weights are like, and the seed. */
  final void readWeights() {
    options =
        weightOptions()
            .initializer("kernel", "glorot_uniform")
            .initializer("bias", "zeros")
            .regularizers("kernel", "bias")
            .activity()
            .constraints("kernel", "bias");
    seed = args.integerOrNull("seed", null);
    if (args.any("flash_attention", null) == Boolean.TRUE && dropout > 0) {
      throw args.refuse("flash_attention", "off where there is dropout");
    }
    args.forget("flash_attention");
  }

  // building

  /** A projection; without a bias its axes are not used. */
  private EinsumDense dense(
      String name, String equation, Integer[] output, String biasAxes, String activation) {
    Config c =
        Config.of("name", name, "dtype", policy(), "equation", equation, "output_shape", output);
    c = c.with("bias_axes", useBias ? biasAxes : null).with("activation", activation);
    for (String w : List.of("kernel", "bias")) {
      // a copy of the initializer: with one seed two projections would start with equal numbers
      c = c.with(w + "_initializer", options.initializer(w).copy());
      c = c.with(w + "_regularizer", options.regularizer(w));
      c = c.with(w + "_constraint", options.constraint(w));
    }
    return fromConfig(EinsumDense.TYPE, c.with("activity_regularizer", activityOfProjections()));
  }

  /** The regularizer of what each projection gives, or null. */
  abstract Object activityOfProjections();

  private EinsumDense projection(
      BuildContext b, String name, EinsumText e, int heads, int width, Shape in, boolean gate) {
    Integer[] output = new Integer[e.freeAxes() + 2];
    output[output.length - 2] = heads;
    output[output.length - 1] = width;
    EinsumDense d = dense(name, e.equation(), output, e.biasAxes(), gate ? "sigmoid" : null);
    track("_" + name + "_dense", d);
    b.build(d, in);
    return d;
  }

  /** Makes the projections in the order of Keras' weights. */
  final void buildProjections(
      BuildContext b, int heads, int keyHeads, int keyDim, int valueDim, int[] outputShape) {
    Shape query = b.input(0);
    Shape value = b.input(1);
    Shape key = b.inputs().size() > 2 ? b.input(2) : value;
    EinsumText toQuery = EinsumText.projection(query.rank() - 1, 1, 2);
    EinsumText toKey = EinsumText.projection(key.rank() - 1, 1, 2);
    EinsumText toValue = EinsumText.projection(value.rank() - 1, 1, 2);
    queryDense = projection(b, "query", toQuery, heads, keyDim, query, false);
    keyDense = projection(b, "key", toKey, keyHeads, keyDim, key, false);
    gateDense = useGate ? projection(b, "gate", toQuery, heads, valueDim, query, true) : null;
    valueDense = projection(b, "value", toValue, keyHeads, valueDim, value, false);
    EinsumText toOutput = EinsumText.projection(query.rank() - 1, 2, outputShape.length);
    Integer[] output = new Integer[toOutput.freeAxes() + outputShape.length];
    for (int i = 0; i < outputShape.length; i++) {
      output[toOutput.freeAxes() + i] = outputShape[i];
    }
    outputDense = dense("attention_output", toOutput.equation(), output, toOutput.biasAxes(), null);
    Shape attended = query.slice(0, query.rank() - 1).plus(heads, valueDim);
    Config axes = Config.of("axis", softmaxAxes(), "dtype", policy());
    softmax = track("_softmax", fromConfig(Softmax.TYPE, axes));
    b.build(softmax, attended);
    Config c = Config.of("rate", dropout, "seed", seed, "dtype", policy());
    dropoutLayer = track("_dropout_layer", fromConfig(Dropout.TYPE, c));
    b.build(dropoutLayer, attended);
    track("_output_dense", outputDense);
    b.build(outputDense, attended);
  }

  /** Settles how scores are made of projected keys and queries, and how values are gathered. */
  final void setEquations(String scores, String combine, int numberOfAxes) {
    scoresEquation = scores;
    combineEquation = combine;
    attentionAxes = numberOfAxes;
  }

  private int[] softmaxAxes() {
    int[] axes = new int[attentionAxes];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i - axes.length;
    }
    return axes;
  }

  // computing

  /** The mask of queries: where an explicit one is heard, and the attached one. */
  abstract Tensor queryMask(CallContext ctx);

  /** A mask given by name, null included, or else the one attached to an input. */
  private static Tensor given(CallContext ctx, String name, int input) {
    CallArgs a = ctx.args();
    return a.has(name) || a.isNull(name) ? a.tensor(name) : ctx.mask(input);
  }

  /** Brings projected keys or values to as many heads as the queries have. */
  Tensor repeated(Tensor projected) {
    return projected;
  }

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor query = inputs.get(0);
    Tensor value = inputs.get(1);
    Tensor key = inputs.size() > 2 ? inputs.get(2) : value;
    boolean wantScores = ctx.args().bool("return_attention_scores", false);
    Tensor mask = mask(query, value, inputs.size() > 2, ctx);
    boolean causal = ctx.args().bool("use_causal_mask", false);
    Tensor gate = gateDense == null ? null : gateDense.apply(query);
    Tensor q = queryDense.apply(query);
    Tensor k = keyDense.apply(key);
    Tensor v = valueDense.apply(value);
    double scale = 1 / Math.sqrt(q.dim(-1));
    Tensor scores = null;
    Tensor attended;
    boolean explicit = dropout > 0 || wantScores || q.rank() != 4 || uniformRows && mask != null;
    if (causal && (explicit || mask != null)) {
      mask = AttentionMasks.and(mask, AttentionMasks.causal(query.dim(1), value.dim(1)));
      causal = false;
    }
    if (explicit) {
      scores = Ops.einsum(scoresEquation, repeated(k), q.times(scale));
      Tensor m = AttentionMasks.withHeads(mask, scores.rank(), attentionAxes);
      if (m != null) {
        io.weft.fused.Attention.requireMask(m.shape(), scores.shape());
      }
      if (m != null && uniformRows) {
        // added, not put in their place: so gradients flow, as in Keras 2
        double low = scores.dtype() == DType.FLOAT16 ? MASKED_HALF : MASKED;
        scores = scores.plus(Ops.oneMinus(Ops.cast(m, scores.dtype())).times(low));
        m = null;
      }
      scores = softmax.apply(scores, m == null ? CallArgs.NONE : CallArgs.of("mask", m));
      attended = Ops.einsum(combineEquation, dropoutLayer.apply(scores), repeated(v));
    } else {
      Tensor m = AttentionMasks.withHeads(mask, 4, attentionAxes);
      attended = DotProductAttention.of(q, k, v, null, m, scale, causal);
    }
    Tensor y = outputDense.apply(gate == null ? attended : attended.times(gate));
    return wantScores ? List.of(y, scores) : List.of(y);
  }

  /** All masks together but the causal one; null if there is none. */
  private Tensor mask(Tensor query, Tensor value, boolean hasKey, CallContext ctx) {
    CallArgs a = ctx.args();
    Tensor valueMask = given(ctx, "value_mask", 1);
    Tensor keyMask = hasKey ? given(ctx, "key_mask", 2) : a.tensor("key_mask");
    Tensor m = AttentionMasks.ofQueries(queryMask(ctx));
    m = AttentionMasks.and(m, AttentionMasks.ofKeys(valueMask));
    m = AttentionMasks.and(m, AttentionMasks.ofKeys(keyMask));
    if (slidingWindow != null) {
      Tensor band = AttentionMasks.window(query.dim(1), value.dim(1), slidingWindow);
      m = AttentionMasks.and(m, band);
    }
    return AttentionMasks.and(a.tensor("attention_mask"), m);
  }

  /** Optional settings that these layers share. */
  abstract static class Options<L extends Layer, B extends Options<L, B>>
      extends Layer.Builder<L, B> {
    Options() {}

    /** Share of attention weights dropped in training, in [0, 1); default 0. */
    public final B dropout(double rate) {
      return set("dropout", rate);
    }

    /** Whether the projections have biases; default true. */
    public final B useBias(boolean on) {
      return set("use_bias", on);
    }

    /** Whether a sigmoid gate made of the query scales what was attended to; default false. */
    public final B useGate(boolean on) {
      return set("use_gate", on);
    }

    /** Positions further apart than this many minus one do not see each other; default null. */
    public final B slidingWindow(int width) {
      return set("sliding_window", width);
    }

    /** How kernels start, by name or object; default glorot_uniform. */
    public final B kernelInitializer(Object initializer) {
      return set("kernel_initializer", initializer);
    }

    /** How biases start; default zeros. */
    public final B biasInitializer(Object initializer) {
      return set("bias_initializer", initializer);
    }

    /** The penalty on kernels. */
    public final B kernelRegularizer(Object regularizer) {
      return set("kernel_regularizer", regularizer);
    }

    /** The penalty on biases. */
    public final B biasRegularizer(Object regularizer) {
      return set("bias_regularizer", regularizer);
    }

    /** The penalty on what the projections give. */
    public final B activityRegularizer(Object regularizer) {
      return set("activity_regularizer", regularizer);
    }

    /** The set that kernels are kept in. */
    public final B kernelConstraint(Object constraint) {
      return set("kernel_constraint", constraint);
    }

    /** The set that biases are kept in. */
    public final B biasConstraint(Object constraint) {
      return set("bias_constraint", constraint);
    }

    /** The seed of dropout; default a fresh one. */
    public final B seed(int seed) {
      return set("seed", seed);
    }
  }
}
