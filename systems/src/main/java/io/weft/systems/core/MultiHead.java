package io.weft.systems.core;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Multi-head attention with its projections, as the systems of this module have it: {@code
 * softmax(scale · q kᵀ) v} in each head (Vaswani et al. 2017, 3.2.2), q, k and v being linear maps
 * of three sources, then a linear map of all heads.
 *
 * <p>Inputs: {@code query (batch, T, dim_q)}; {@code key (batch, S, dim_k)}, without which the
 * query's source is attended to (self-attention); {@code value (batch, S, dim_v)}, by default the
 * key's source. Output: {@code (batch, T, output_channels)}, with {@code return_attention_scores}
 * then the weights {@code (batch, heads, T, S)}. Call arguments: {@code attention_mask}, true = may
 * attend, or floats that are added to the scores, {@code (batch, S)}, {@code (batch, T, S)} or
 * {@code (batch, heads, T, S)}; {@code key_mask (batch, S)}, without both the mask attached to the
 * keys' source; {@code use_causal_mask}; {@code cache} ({@link KeyValueCache}); {@code
 * query_positions}, {@code key_positions} (int[]) of rotary positions.
 *
 * <p>Weights: {@code null_k}, {@code null_v} if {@code null_key_value}, then kernel and bias of q,
 * k, v and output. {@code names} are the four attributes under which these are tracked, so that a
 * state dict has its source's names; where the first three are equal, as in {@code
 * torch.nn.MultiheadAttention}'s {@code in_proj}, it holds these in one tensor.
 */
public final class MultiHead extends Layer implements TorchNamed {
  /** Attribute names of the formulas. */
  public static final List<String> QKVO = List.of("q", "k", "v", "o");

  public static final LayerType<MultiHead> TYPE =
      LayerType.custom("systems.core", "MultiHead", MultiHead::new)
          .inputs("query", "key", "value")
          .args(
              "attention_mask",
              "key_mask",
              "use_causal_mask",
              "cache",
              "query_positions",
              "key_positions",
              "return_attention_scores",
              "training");

  private final int heads;
  private final double scale;
  private final int rotaryDim;
  private final boolean nullKeyValue;
  private final int valueChannels;
  private final int queryChannels;
  private final FullyMaskedRows rows;
  private final boolean stacked;
  private final String stackName;
  private final Dense query;
  private final Dense key;
  private final Dense value;
  private final Dense output;
  private final Dropout dropout;
  private Layer distances;
  private Variable nullKey;
  private Variable nullValue;

  /** Attention of {@code heads} heads over {@code channels} features in and out. */
  public MultiHead(int channels, int heads) {
    this(Config.of("heads", heads, "qk_channels", channels));
  }

  /** Restores a layer from its config. */
  public MultiHead(Config config) {
    super(TYPE, config);
    heads = args.positiveInt("heads");
    queryChannels = args.positiveInt("qk_channels");
    valueChannels = args.positiveInt("v_channels", queryChannels);
    int out = args.positiveInt("output_channels", valueChannels);
    boolean bias = args.bool("use_bias", true);
    boolean outputBias = args.bool("output_bias", bias);
    double rate = args.fraction("dropout", 0.0);
    scale = args.number("scale", 1 / Math.sqrt((double) queryChannels / heads));
    rotaryDim = args.integer("rotary_dim", 0);
    nullKeyValue = args.bool("null_key_value", false);
    rows = args.bool("zero_masked_rows", false) ? FullyMaskedRows.ZERO : FullyMaskedRows.UNIFORM;
    Object given = args.any("names", QKVO);
    if (!(given instanceof List<?> names) || names.size() != 4) {
      throw args.refuse("names", "four names, of query, key, value and output");
    }
    requireDivisible("qk_channels", queryChannels);
    requireDivisible("v_channels", valueChannels);
    stacked = names.get(0).equals(names.get(1)) && names.get(1).equals(names.get(2));
    stackName = String.valueOf(names.get(0));
    query = track(name(names, 0), dense(queryChannels, bias));
    key = track(name(names, 1), dense(queryChannels, bias));
    value = track(name(names, 2), dense(valueChannels, bias));
    output = track(name(names, 3), dense(out, outputBias));
    dropout = rate == 0 ? null : track("dropout", Parts.dropout(rate, policy()));
    setSupportsMasking(true);
  }

  private String name(List<?> names, int i) {
    return stacked && i < 3 ? names.get(i) + "_" + QKVO.get(i) : String.valueOf(names.get(i));
  }

  private void requireDivisible(String what, int channels) {
    if (channels % heads != 0) {
      throw new ConfigException(
          label()
              + ": heads: expected a number that divides "
              + what
              + "="
              + channels
              + ". Received: heads="
              + heads
              + ". Choose another number of heads or another width.");
    }
  }

  private Dense dense(int units, boolean bias) {
    return Parts.dense(units, bias, policy());
  }

  /**
   * Adds scores that depend on distance: a layer from projected queries and keys {@code (batch, T,
   * heads, width)} to a bias of the scores. To be called before the layer is built.
   */
  public MultiHead withPositions(String attribute, Layer scores) {
    distances = track(attribute, scores);
    return this;
  }

  @Override
  public List<TorchEntry> torchEntries() {
    if (!stacked) {
      return List.of();
    }
    List<TorchEntry> all = new ArrayList<>();
    Variable[][] parts = new Variable[2][3];
    List<Dense> dense = List.of(query, key, value);
    for (int i = 0; i < 3; i++) {
      List<Variable> own = dense.get(i).ownVariables();
      parts[0][i] = own.get(0);
      parts[1][i] = own.size() > 1 ? own.get(1) : null;
    }
    all.add(TorchEntry.stacked(stackName + "_weight", Layout.LINEAR, parts[0]));
    if (parts[1][0] != null) {
      all.add(TorchEntry.stacked(stackName + "_bias", Layout.SAME, parts[1]));
    }
    return all;
  }

  @Override
  protected void build(BuildContext b) {
    Shape q = b.input(0);
    Shape k = b.inputs().size() > 1 ? b.input(1) : q;
    Shape v = b.inputs().size() > 2 ? b.input(2) : k;
    if (nullKeyValue) {
      nullKey = b.addWeight("null_k", Shape.of(queryChannels), new RandomNormal(0, 1));
      nullValue = b.addWeight("null_v", Shape.of(valueChannels), new RandomNormal(0, 1));
    }
    b.build(query, q);
    b.build(key, k);
    b.build(value, v);
    b.build(output, q.withDim(-1, valueChannels));
    if (distances != null) {
      Shape s = Shape.of(q.dim(0), q.dim(1), heads, queryChannels / heads);
      b.build(distances, s, s.withDim(1, k.dim(1)));
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    CallArgs a = ctx.args();
    Tensor q = Heads.split(query.apply(rank3("query", in.get(0))), heads);
    if (rotaryDim > 0) {
      boolean grows = in.size() == 1 && a.get("cache") instanceof KeyValueCache;
      int past = grows ? ((KeyValueCache) a.get("cache")).length(this) : 0;
      q = Rotary.rotate(q, positions(ctx, "query_positions", past, q.dim(1)), rotaryDim);
    }
    KeyValueCache.Entry e = sources(in, ctx);
    Tensor k = e.key();
    Tensor v = e.value();
    if (k.dim(0) != q.dim(0)) {
      throw new ShapeException(
          label()
              + ": expected query and key of one batch size. Received: "
              + q.dim(0)
              + " and "
              + k.dim(0)
              + ".");
    }
    int t = q.dim(1);
    int s = k.dim(1);
    Tensor given = a.tensor("attention_mask");
    boolean added = given != null && given.dtype().isFloating();
    Tensor wide = AttentionMask.wide(label() + ": attention_mask", given, q.dim(0), heads, t, s);
    Tensor keep = AttentionMask.and(added ? null : AttentionMask.bool(wide), e.keep());
    Tensor bias = added ? Ops.cast(wide, q.dtype()) : null;
    if (distances != null) {
      Tensor scores = distances.apply(q, k);
      bias = bias == null ? scores : scores.plus(bias);
    }
    boolean causal = a.bool("use_causal_mask", false);
    boolean plain = keep == null && !nullKeyValue && t == s;
    if (causal && !plain && t > 1) {
      keep = AttentionMask.and(keep, AttentionMask.causal(t, s));
    }
    if (nullKeyValue) {
      k = withNull(nullKey, k);
      v = withNull(nullValue, v);
      keep = keep == null ? null : paddedLeft(keep, 1);
      bias = bias == null ? null : paddedLeft(bias, 0);
    }
    return weigh(q, k, v, bias, keep, causal && plain && t > 1, ctx);
  }

  private List<Tensor> weigh(
      Tensor q, Tensor k, Tensor v, Tensor bias, Tensor keep, boolean causal, CallContext ctx) {
    boolean scores = ctx.args().bool("return_attention_scores", false);
    if (!scores && (dropout == null || !ctx.training())) {
      Tensor y = Heads.attend(q, k, v, bias, keep, scale, causal, rows);
      return List.of(output.apply(Heads.merge(y)));
    }
    Tensor p = Heads.weights(q, k, bias, keep, scale, causal, rows);
    Tensor y = output.apply(Heads.merge(Heads.mix(dropout == null ? p : dropout.apply(p), v)));
    return scores ? List.of(y, p) : List.of(y);
  }

  /** Projected keys and values, and which keys may be attended to: of this call or of the cache. */
  private KeyValueCache.Entry sources(List<Tensor> in, CallContext ctx) {
    KeyValueCache cache = ctx.args().get("cache") instanceof KeyValueCache c ? c : null;
    if (cache == null) {
      return masked(projected(in, ctx, 0), in.size(), ctx);
    }
    if (in.size() > 1) {
      return cache.keep(this, () -> masked(projected(in, ctx, 0), in.size(), ctx));
    }
    return masked(cache.append(this, projected(in, ctx, cache.length(this))), 1, ctx);
  }

  private KeyValueCache.Entry masked(KeyValueCache.Entry e, int inputs, CallContext ctx) {
    Tensor mask = ctx.args().tensor("key_mask");
    if (mask == null && !ctx.args().has("attention_mask")) {
      mask = ctx.mask(inputs > 1 ? 1 : 0);
    }
    mask = AttentionMask.bool(mask);
    Tensor k = e.key();
    Tensor keep = AttentionMask.wide(label() + ": key_mask", mask, k.dim(0), heads, 1, k.dim(1));
    return new KeyValueCache.Entry(k, e.value(), keep);
  }

  private KeyValueCache.Entry projected(List<Tensor> in, CallContext ctx, int past) {
    Tensor from = rank3("key", in.get(Math.min(1, in.size() - 1)));
    Tensor values = rank3("value", in.get(in.size() - 1));
    if (values.dim(1) != from.dim(1) || values.dim(0) != from.dim(0)) {
      throw new ShapeException(
          label()
              + ": expected key and value of one batch size and length. Received: key "
              + from.shape()
              + ", value "
              + values.shape()
              + ".");
    }
    Tensor k = Heads.split(key.apply(from), heads);
    if (rotaryDim > 0) {
      k = Rotary.rotate(k, positions(ctx, "key_positions", past, k.dim(1)), rotaryDim);
    }
    return new KeyValueCache.Entry(k, Heads.split(value.apply(values), heads), null);
  }

  /** Given positions, or those behind {@code past} tokens. */
  private static int[] positions(CallContext ctx, String name, int past, int count) {
    if (ctx.args().get(name) instanceof int[] given) {
      return given;
    }
    int[] a = new int[count];
    Arrays.setAll(a, i -> past + i);
    return a;
  }

  private Tensor withNull(Variable row, Tensor x) {
    Tensor one = Ops.reshape(row.value(), 1, 1, heads, row.shape().dim(0) / heads);
    Tensor all = Ops.broadcastTo(one, Shape.of(x.dim(0), 1, heads, x.dim(3)));
    return Ops.concatenate(List.of(all, x), 1);
  }

  private static Tensor paddedLeft(Tensor x, int value) {
    Tensor column = Ops.full(Shape.of(x.dim(0), x.dim(1), x.dim(2), 1), value, DType.FLOAT32);
    return Ops.concatenate(List.of(Ops.cast(column, x.dtype()), x), 3);
  }

  private Tensor rank3(String source, Tensor x) {
    if (x.rank() != 3) {
      throw new ShapeException(
          label() + ": " + source + ": expected (batch, tokens, features). Received: " + x.shape());
    }
    return x;
  }
}
