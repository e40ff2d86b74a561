package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Attention from an image or a sequence to itself or to a context: diffusers' {@code Attention},
 * formerly {@code CrossAttention}.
 *
 * <p>{@code y = to_out(softmax(scale · q kᵀ + mask) v)} with {@code q = to_q(x)}, {@code k, v =
 * to_k(c), to_v(c)} and {@code c} the context, or x where there is none; around it the group norm,
 * the norm of the context, the norms of q and k, the residual and the factor that the arguments ask
 * for. With {@code added_kv_proj_dim} the context gives further keys and values, {@code k =
 * [add_k_proj(c); to_k(x)]}, and x is an image or {@code (batch, channels, tokens)}.
 *
 * <p>Inputs: {@code hidden_states (batch, T, query_dim)} or {@code (batch, query_dim, height,
 * width)}; {@code encoder_hidden_states (batch, S, cross_attention_dim)}, may be missing; {@code
 * attention_mask}, may be missing: see {@link AttentionMask}; without it the mask attached to the
 * context counts. Output: as the first input, {@code out_dim} wide. Weights, in the original's
 * order and names: {@code group_norm}, {@code norm_q}, {@code norm_k}, {@code norm_cross}, {@code
 * to_q}, {@code to_k}, {@code to_v}, {@code add_k_proj}, {@code add_v_proj}, {@code to_out.0}.
 *
 * <p>{@code upcast_attention} and {@code upcast_softmax} are accepted and change nothing: scores
 * and softmax are computed in at least float32 always. Beyond the original, {@code kv_heads} may
 * differ from {@code heads} (grouped queries), {@code is_causal} is obeyed, and {@code lora_rank}
 * adds to each projection {@code lora_scale · up(down(x))}, up starting at zero.
 *
 * @see <a href="https://github.com/huggingface/diffusers">diffusers, attention_processor.py</a>
 */
public final class DiffusersAttention extends DiffusersLayer implements TorchNamed {
  public static final LayerType<DiffusersAttention> TYPE =
      LayerType.custom("diffusers", "Attention", DiffusersAttention::new)
          .inputs("hidden_states", "encoder_hidden_states", "attention_mask")
          .args("training");

  private final int queryDim;
  private final int heads;
  private final int kvHeads;
  private final int dimHead;
  private final boolean isCross;
  private final boolean causal;
  private final double scale;
  private final double rescale;
  private final boolean residual;
  private final GroupNormalization groupNorm;
  private final QueryKeyNorm norms;
  private final Layer normCross;
  private final Dense toQ;
  private final Dense toK;
  private final Dense toV;
  private final Dense addK;
  private final Dense addV;
  private final Dense toOut;
  private final Dropout dropout;
  private final AttentionLora lora;
  private volatile AttentionProcessor processor;
  private volatile boolean fused;

  /** Attention with the original's defaults for a context of the given width, or null. */
  public DiffusersAttention(int queryDim, Integer contextDim, int heads, int dimHead) {
    this(
        Config.of("query_dim", queryDim, "cross_attention_dim", contextDim, "heads", heads)
            .with("dim_head", dimHead));
  }

  /** Restores a layer from its config. */
  public DiffusersAttention(Config config) {
    super(TYPE, config);
    queryDim = args.positiveInt("query_dim");
    Integer cross = args.integerOrNull("cross_attention_dim", null);
    isCross = cross != null;
    int contextDim = cross == null ? queryDim : cross;
    int givenHeads = args.positiveInt("heads", 8);
    Integer givenKv = args.integerOrNull("kv_heads", null);
    dimHead = args.positiveInt("dim_head", 64);
    double drop = args.fraction("dropout", 0.0);
    boolean bias = args.bool("bias", false);
    args.bool("upcast_attention", false);
    args.bool("upcast_softmax", false);
    String crossNorm = args.stringOrNull("cross_attention_norm", null);
    int crossGroups = args.positiveInt("cross_attention_norm_num_groups", 32);
    String qkNorm = args.stringOrNull("qk_norm", null);
    Integer added = args.integerOrNull("added_kv_proj_dim", null);
    boolean addedBias = args.bool("added_proj_bias", true);
    Integer groups = args.integerOrNull("norm_num_groups", null);
    only("spatial_norm_dim", null, "Normalize the image before the attention.");
    boolean outBias = args.bool("out_bias", true);
    boolean scaled = args.bool("scale_qk", true);
    boolean onlyCross = args.bool("only_cross_attention", false);
    double eps = args.nonNegative("eps", 1e-5);
    rescale = args.number("rescale_output_factor", 1.0);
    residual = args.bool("residual_connection", false);
    String named = args.stringOrNull("processor", null);
    Integer outDim = args.integerOrNull("out_dim", null);
    only("out_context_dim", null, "Joint attention is not supported.");
    only("context_pre_only", null, "Joint attention is not supported.");
    only("pre_only", false, "Joint attention is not supported.");
    boolean affine = args.bool("elementwise_affine", true);
    causal = args.bool("is_causal", false);
    Integer rank = args.integerOrNull("lora_rank", null);
    double loraScale = args.number("lora_scale", 1.0);
    if (outDim != null && (outDim <= 0 || outDim % dimHead != 0)) {
      throw args.refuse("out_dim", "a multiple of dim_head=" + dimHead);
    }
    if (onlyCross && added == null) {
      throw args.refuse("only_cross_attention", "false unless added_kv_proj_dim is set");
    }
    heads = outDim == null ? givenHeads : outDim / dimHead;
    kvHeads = givenKv == null ? heads : givenKv;
    if (kvHeads <= 0 || heads % kvHeads != 0) {
      throw args.refuse("kv_heads", "a divisor of the number of heads " + heads);
    }
    int inner = heads * dimHead;
    int kv = kvHeads * dimHead;
    scale = scaled ? 1 / Math.sqrt(dimHead) : 1;
    groupNorm =
        groups == null ? null : track("group_norm", parts.groupNorm(groups, queryDim, eps, 3));
    norms = QueryKeyNorm.of(this, qkNorm, eps, affine);
    norms.layers(heads, kvHeads, dimHead).forEach(this::track);
    normCross = crossNorm(crossNorm, added == null ? contextDim : added, contextDim, crossGroups);
    toQ = track("to_q", parts.linear(queryDim, inner, bias));
    toK = onlyCross ? null : track("to_k", parts.linear(contextDim, kv, bias));
    toV = onlyCross ? null : track("to_v", parts.linear(contextDim, kv, bias));
    addK = added == null ? null : track("add_k_proj", parts.linear(added, kv, addedBias));
    addV = added == null ? null : track("add_v_proj", parts.linear(added, kv, addedBias));
    int out = outDim == null ? queryDim : outDim;
    toOut = track("to_out.0", parts.linear(inner, out, outBias));
    dropout = drop == 0 ? null : track("to_out.1", parts.dropout(drop));
    lora = rank == null ? null : new AttentionLora(parts, rank, loraScale);
    if (lora != null) {
      lora.add("to_q", queryDim, inner).forEach(this::track);
      if (!onlyCross) {
        lora.add("to_k", contextDim, kv).forEach(this::track);
        lora.add("to_v", contextDim, kv).forEach(this::track);
      }
      if (added != null) {
        lora.add("add_k_proj", added, kv).forEach(this::track);
        lora.add("add_v_proj", added, kv).forEach(this::track);
      }
      lora.add("to_out", inner, out).forEach(this::track);
    }
    if (added != null && groups == null) {
      throw args.refuse("norm_num_groups", "set where added_kv_proj_dim is");
    }
    processor = AttentionProcessor.named(named);
    setSupportsMasking(true);
  }

  private Layer crossNorm(String kind, int groupWidth, int width, int groups) {
    if (kind == null) {
      return null;
    }
    switch (kind) {
      case "layer_norm":
        return track("norm_cross", parts.layerNorm(width, 1e-5, true));
      case "group_norm":
        return track("norm_cross", parts.groupNorm(groups, groupWidth, 1e-5, 3));
      default:
        throw args.refuse("cross_attention_norm", "null, 'layer_norm' or 'group_norm'");
    }
  }

  // ---------------------------------------------------------------- processors

  /** Sets how values are weighted; results do not depend on it. */
  public void setProcessor(AttentionProcessor strategy) {
    processor = java.util.Objects.requireNonNull(strategy, "processor");
    args.note("processor", null);
  }

  /** Sets the processor by the name that configs keep; see {@link AttentionProcessor#named}. */
  public void setProcessor(String name) {
    processor = AttentionProcessor.named(name);
    args.note("processor", name);
  }

  /**
   * Computes at most {@code size} heads of all samples at a time; null computes all at once.
   *
   * @throws ConfigException if there are fewer heads
   */
  public void setAttentionSlice(Integer size) {
    if (size != null && size > heads) {
      throw new ConfigException(
          label() + ": expected a slice of at most " + heads + " heads. Received: " + size);
    }
    setProcessor(size == null ? "default" : "sliced:" + size);
  }

  /**
   * Computes queries, keys and values (or, with a context, keys and values) by one product. The
   * weights stay what they are, so that files and training do not notice.
   */
  public void fuseProjections(boolean on) {
    fused = on;
  }

  /** The number of heads. */
  public int heads() {
    return heads;
  }

  // ---------------------------------------------------------------- the computation

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    Tensor context = at(inputs, 1);
    Tensor mask = at(inputs, 2);
    if (mask == null) {
      mask = ctx.mask(context == null ? 0 : 1);
    }
    return List.of(addK == null ? plain(x, context, mask) : withAdded(x, context, mask));
  }

  private Tensor plain(Tensor x, Tensor context, Tensor mask) {
    boolean image = x.rank() == 4;
    Tensor tokens = image ? tokens(x) : x;
    check(tokens, x);
    if (groupNorm != null) {
      tokens = groupNorm.apply(tokens);
    }
    Tensor source = context == null ? tokens : normalized(context);
    List<Tensor> qkv = project(tokens, source);
    Tensor y = out(attend(qkv.get(0), qkv.get(1), qkv.get(2), mask));
    if (image) {
      y = Ops.reshape(Ops.transpose(y, 0, 2, 1), x.dim(0), y.dim(2), x.dim(2), x.dim(3));
    }
    if (residual) {
      y = y.plus(x);
    }
    return rescale == 1 ? y : y.divide(rescale);
  }

  private Tensor withAdded(Tensor x, Tensor context, Tensor mask) {
    Tensor raw = tokens(x);
    check(raw, x);
    Tensor source = context == null ? raw : normalized(context);
    Tensor tokens = groupNorm.apply(raw);
    Tensor k = loraed("add_k_proj", addK, source);
    Tensor v = loraed("add_v_proj", addV, source);
    if (toK != null) {
      k = Ops.concatenate(List.of(k, loraed("to_k", toK, tokens)), 1);
      v = Ops.concatenate(List.of(v, loraed("to_v", toV, tokens)), 1);
    }
    Tensor y = out(attend(loraed("to_q", toQ, tokens), k, v, mask));
    return Ops.reshape(Ops.transpose(y, 0, 2, 1), x.shape().dims()).plus(x);
  }

  /** Everything behind batch and channels as one axis of tokens, channels last. */
  private static Tensor tokens(Tensor x) {
    int places = x.rank() < 3 ? 1 : x.shape().product(2, x.rank());
    return Ops.transpose(Ops.reshape(x, x.dim(0), x.dim(1), places), 0, 2, 1);
  }

  private void check(Tensor tokens, Tensor given) {
    if (tokens.rank() != 3 || tokens.dim(2) != queryDim) {
      throw new ShapeException(
          label()
              + ": expected hidden_states (batch, tokens, "
              + queryDim
              + ") or (batch, "
              + queryDim
              + ", height, width). Received: shape "
              + given.shape());
    }
  }

  private Tensor normalized(Tensor context) {
    return normCross == null ? context : normCross.apply(context);
  }

  private List<Tensor> project(Tensor x, Tensor source) {
    boolean plain = lora == null;
    if (fused && plain && !isCross && x == source) {
      return split(x, toQ, toK, toV);
    }
    List<Tensor> all = new ArrayList<>();
    all.add(loraed("to_q", toQ, x));
    if (fused && plain) {
      all.addAll(split(source, toK, toV));
    } else {
      all.add(loraed("to_k", toK, source));
      all.add(loraed("to_v", toV, source));
    }
    return all;
  }

  private Tensor loraed(String name, Dense projection, Tensor x) {
    Tensor y = projection.apply(x);
    return lora == null ? y : y.plus(lora.change(name, x));
  }

  /** Several projections of one input by one product of their kernels side by side. */
  private static List<Tensor> split(Tensor x, Dense... projections) {
    List<Tensor> kernels = new ArrayList<>();
    List<Tensor> biases = new ArrayList<>();
    for (Dense d : projections) {
      List<Variable> own = d.ownVariables();
      kernels.add(own.get(0).value());
      if (own.size() > 1) {
        biases.add(own.get(1).value());
      }
    }
    Tensor y = Ops.matmul(x, Ops.concatenate(kernels, 1));
    if (!biases.isEmpty()) {
      y = y.plus(Ops.concatenate(biases, 0));
    }
    List<Tensor> out = new ArrayList<>();
    int at = 0;
    for (Tensor k : kernels) {
      out.add(Ops.slice(y, new int[] {0, 0, at}, y.shape().withDim(2, k.dim(1)).dims()));
      at += k.dim(1);
    }
    return out;
  }

  private Tensor attend(Tensor query, Tensor key, Tensor value, Tensor mask) {
    UnaryOperator<Tensor> q = t -> Heads.split(t, heads);
    UnaryOperator<Tensor> k = t -> Heads.split(t, kvHeads);
    AttentionMask m = AttentionMask.of(label(), mask, query.dim(0), heads, key.dim(1));
    Tensor y =
        processor.attend(
            norms.query(query, q), norms.key(key, k), k.apply(value), m, scale, causal);
    return Heads.merge(y);
  }

  private Tensor out(Tensor merged) {
    Tensor y = loraed("to_out", toOut, merged);
    return dropout == null ? y : dropout.apply(y);
  }

  /**
   * The probabilities with which queries see keys.
   *
   * @param query (batch, T, heads · dim_head), projected
   * @param key (batch, S, kv_heads · dim_head), projected
   * @param mask see {@link AttentionMask}, or null
   * @return (batch, heads, T, S)
   */
  public Tensor attentionScores(Tensor query, Tensor key, Tensor mask) {
    AttentionMask m = AttentionMask.of(label(), mask, query.dim(0), heads, key.dim(1));
    return Heads.weights(
        Heads.split(query, heads),
        Heads.split(key, kvHeads),
        m.bias(),
        m.keep(),
        scale,
        causal,
        FullyMaskedRows.UNIFORM);
  }

  @Override
  public List<TorchEntry> torchEntries() {
    return List.of();
  }

  /** Files of a model whose projections were fused hold the joint ones. */
  @Override
  public List<TorchEntry> torchAliases() {
    if (toK == null) {
      return List.of();
    }
    List<TorchEntry> all = new ArrayList<>();
    Dense[] joint = isCross ? new Dense[] {toK, toV} : new Dense[] {toQ, toK, toV};
    String name = isCross ? "to_kv." : "to_qkv.";
    for (int i = 0; i < toK.ownVariables().size() && i < 2; i++) {
      Variable[] vs = new Variable[joint.length];
      for (int k = 0; k < vs.length; k++) {
        vs[k] = joint[k].ownVariables().get(i);
      }
      all.add(
          TorchEntry.stacked(
              name + (i == 0 ? "weight" : "bias"), i == 0 ? Layout.LINEAR : Layout.SAME, vs));
    }
    return all;
  }
}
