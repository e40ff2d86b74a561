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
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
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
 * <p>With {@code context_pre_only} true or false the context is part of the sequence (joint
 * attention, as in Stable Diffusion 3): it asks too, by {@code add_q_proj}, and the second result
 * is what it gets, through {@code to_add_out} unless {@code context_pre_only} is true.
 *
 * <p>Inputs: {@code hidden_states (batch, T, query_dim)} or {@code (batch, query_dim, height,
 * width)}; {@code encoder_hidden_states (batch, S, cross_attention_dim)}, may be missing; {@code
 * attention_mask}, may be missing: see {@link AttentionMask}; without it the mask attached to the
 * context counts; {@code temb}, the image of {@link SpatialNorm} if {@code spatial_norm_dim} is
 * set. Output: as the first input, {@code out_dim} wide. Weights, in the original's order and
 * names: {@code group_norm}, {@code norm_q}, {@code norm_k}, {@code norm_cross}, {@code to_q},
 * {@code to_k}, {@code to_v}, {@code add_k_proj}, {@code add_v_proj}, {@code to_out.0}.
 *
 * <p>{@code upcast_attention} and {@code upcast_softmax} are accepted and change nothing: scores
 * and softmax are computed in at least float32 always. Beyond the original, {@code kv_heads} may
 * differ from {@code heads} (grouped queries), {@code is_causal} is obeyed, and there are the
 * weights of processors: {@code lora_rank} and {@code lora_scale} ({@link AttentionLora}), {@code
 * custom_diffusion} ({@link CustomDiffusion}: "kv", "q_out" or "kv_q_out"), {@code
 * ip_adapter_tokens} and {@code ip_adapter_scale} ({@link IpAdapter}, one number or one for each).
 * The call argument {@code ip_adapter_masks} says where in an image each prompt counts.
 *
 * @see <a href="https://github.com/huggingface/diffusers">diffusers, attention_processor.py</a>
 */
public final class DiffusersAttention extends DiffusersLayer implements TorchNamed {
  public static final LayerType<DiffusersAttention> TYPE =
      LayerType.custom("diffusers", "Attention", DiffusersAttention::new)
          .inputs("hidden_states", "encoder_hidden_states", "attention_mask", "temb")
          .args("training", "ip_adapter_masks");

  private final int queryDim;
  private final int heads;
  private final int kvHeads;
  private final int dimHead;
  private final boolean isCross;
  private final boolean isJoint;
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
  private final Dense addQ;
  private final Dense toAddOut;
  private final SpatialNorm spatialNorm;
  private final QueryKeyNorm addedNorms;
  private final AttentionAdapter adapter;
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
    Integer spatialDim = args.integerOrNull("spatial_norm_dim", null);
    boolean outBias = args.bool("out_bias", true);
    boolean scaled = args.bool("scale_qk", true);
    boolean onlyCross = args.bool("only_cross_attention", false);
    double eps = args.nonNegative("eps", 1e-5);
    rescale = args.number("rescale_output_factor", 1.0);
    residual = args.bool("residual_connection", false);
    String named = args.stringOrNull("processor", null);
    Integer outDim = args.integerOrNull("out_dim", null);
    Integer outContextDim = args.integerOrNull("out_context_dim", null);
    boolean contextOnlyRead = flag("context_pre_only", false);
    isJoint = args.any("context_pre_only", null) != null;
    boolean preOnly = args.bool("pre_only", false);
    boolean affine = args.bool("elementwise_affine", true);
    causal = args.bool("is_causal", false);
    adapter = AttentionAdapter.of(args, parts);
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
    if (isJoint && added == null) {
      throw args.refuse("context_pre_only", "null unless added_kv_proj_dim is set");
    }
    if (added != null && !isJoint && groups == null) {
      throw args.refuse("norm_num_groups", "set where added_kv_proj_dim is");
    }
    if (isJoint && (groups != null || spatialDim != null || crossNorm != null || onlyCross)) {
      throw args.refuse(
          "context_pre_only", "null with a group norm, spatial norm, context norm or only context");
    }
    if (added != null && adapter.replacesKeys()) {
      throw args.refuse("added_kv_proj_dim", "null with custom_diffusion or ip_adapter_tokens");
    }
    scale = scaled ? 1 / Math.sqrt(dimHead) : 1;
    groupNorm =
        groups == null ? null : track("group_norm", parts.groupNorm(groups, queryDim, eps, 3));
    spatialNorm = spatialDim == null ? null : track("spatial_norm", spatialNorm(spatialDim));
    norms = QueryKeyNorm.of(this, qkNorm, eps, affine);
    norms.layers("norm_", heads, kvHeads, dimHead).forEach(this::track);
    normCross = crossNorm(crossNorm, added == null ? contextDim : added, contextDim, crossGroups);
    toQ = track("to_q", parts.linear(queryDim, inner, bias));
    toK = onlyCross ? null : track("to_k", parts.linear(contextDim, kv, bias));
    toV = onlyCross ? null : track("to_v", parts.linear(contextDim, kv, bias));
    addK = added == null ? null : track("add_k_proj", parts.linear(added, kv, addedBias));
    addV = added == null ? null : track("add_v_proj", parts.linear(added, kv, addedBias));
    addQ = isJoint ? track("add_q_proj", parts.linear(added, inner, addedBias)) : null;
    int out = outDim == null ? queryDim : outDim;
    toOut = preOnly ? null : track("to_out.0", parts.linear(inner, out, outBias));
    dropout = drop == 0 || preOnly ? null : track("to_out.1", parts.dropout(drop));
    int outContext = outContextDim == null ? queryDim : outContextDim;
    toAddOut =
        isJoint && !contextOnlyRead
            ? track("to_add_out", parts.linear(inner, outContext, outBias))
            : null;
    addedNorms = QueryKeyNorm.of(this, isJoint ? addedNorm(qkNorm) : null, eps, affine);
    addedNorms.layers("norm_added_", heads, kvHeads, dimHead).forEach(this::track);
    adapter.adapt("to_q", queryDim, inner, bias);
    if (!onlyCross) {
      adapter.adapt("to_k", contextDim, kv, bias);
      adapter.adapt("to_v", contextDim, kv, bias);
    }
    if (added != null) {
      adapter.adapt("add_k_proj", added, kv, addedBias);
      adapter.adapt("add_v_proj", added, kv, addedBias);
    }
    if (toOut != null) {
      adapter.adapt("to_out", inner, out, outBias);
    }
    adapter.layers().forEach(this::track);
    processor = AttentionProcessor.named(named);
    setSupportsMasking(true);
  }

  private SpatialNorm spatialNorm(int condition) {
    Config c = Config.of("f_channels", queryDim, "zq_channels", condition, "dtype", policy());
    int[] image = {Shape.UNKNOWN, queryDim, Shape.UNKNOWN, Shape.UNKNOWN};
    return parts.add(Layer.fromConfig(SpatialNorm.TYPE, c), image);
  }

  /** The norm of the context's queries and keys in joint attention. */
  private String addedNorm(String kind) {
    if (kind == null || List.of("layer_norm", "fp32_layer_norm", "rms_norm").contains(kind)) {
      return kind;
    }
    throw args.refuse(
        "qk_norm", "null, layer_norm, fp32_layer_norm or rms_norm in joint attention");
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
    if (isJoint) {
      return joint(x, context, mask);
    }
    if (mask == null) {
      mask = attached(ctx, context);
    }
    if (addK != null) {
      return List.of(withAdded(x, context, mask));
    }
    Tensor normed = spatiallyNormed(x, at(inputs, 3));
    return List.of(plain(x, normed, context, mask, ctx.args().get("ip_adapter_masks")));
  }

  /** The mask attached to what is attended to; that of a context without an adapter's tokens. */
  private Tensor attached(CallContext ctx, Tensor context) {
    Tensor mask = ctx.mask(context == null ? 0 : 1);
    if (mask == null || context == null || adapter.tokens() == 0) {
      return mask;
    }
    int own = Math.max(0, context.dim(1) - adapter.tokens());
    return Ops.slice(mask, new int[] {0, 0}, new int[] {mask.dim(0), own});
  }

  private Tensor spatiallyNormed(Tensor x, Tensor condition) {
    if (spatialNorm == null) {
      return x;
    }
    if (condition == null) {
      throw new ShapeException(label() + ": expected temb for the spatial norm. Received: none");
    }
    return spatialNorm.apply(x, condition);
  }

  private Tensor plain(Tensor x, Tensor normed, Tensor whole, Tensor mask, Object imageMasks) {
    boolean image = x.rank() == 4;
    Tensor tokens = image ? tokens(normed) : normed;
    check(tokens, x);
    if (groupNorm != null) {
      tokens = groupNorm.apply(tokens);
    }
    int own = whole == null ? 0 : whole.dim(1) - adapter.tokens();
    Tensor context = whole == null || adapter.tokens() == 0 ? whole : ownTokens(whole, own);
    Tensor source = context == null ? tokens : normalized(context);
    List<Tensor> qkv = project(tokens, source);
    Tensor k = context == null ? qkv.get(1) : adapter.ofContext(qkv.get(1));
    Tensor v = context == null ? qkv.get(2) : adapter.ofContext(qkv.get(2));
    Tensor merged = attend(qkv.get(0), k, v, mask);
    if (whole != null && adapter.tokens() > 0) {
      Tensor images = AttentionAdapter.tokens(whole, own, adapter.tokens());
      Tensor beside = adapter.beside((a, b) -> attend(qkv.get(0), a, b, null), images, imageMasks);
      merged = beside == null ? merged : merged.plus(beside);
    }
    Tensor y = out(merged);
    if (image) {
      y = Ops.reshape(Ops.transpose(y, 0, 2, 1), x.dim(0), y.dim(2), x.dim(2), x.dim(3));
    }
    if (residual) {
      y = y.plus(x);
    }
    return rescale == 1 ? y : y.divide(rescale);
  }

  private Tensor ownTokens(Tensor context, int own) {
    if (own < 0) {
      throw new ShapeException(
          label()
              + ": expected a context that ends with the "
              + adapter.tokens()
              + " tokens of ip_adapter_tokens. Received: "
              + context.shape());
    }
    return AttentionAdapter.tokens(context, 0, own);
  }

  /** Sample and context are one sequence, each with projections of its own (Esser et al. 2024). */
  private List<Tensor> joint(Tensor x, Tensor context, Tensor mask) {
    check(x, x);
    List<Tensor> qkv = project(x, x);
    UnaryOperator<Tensor> q = t -> Heads.split(t, heads);
    UnaryOperator<Tensor> k = t -> Heads.split(t, kvHeads);
    Tensor query = norms.query(qkv.get(0), q);
    Tensor key = norms.key(qkv.get(1), k);
    Tensor value = k.apply(qkv.get(2));
    if (context != null) {
      Tensor cq = addedNorms.query(addQ.apply(context), q);
      Tensor ck = addedNorms.key(adapter.project("add_k_proj", addK, context), k);
      Tensor cv = k.apply(adapter.project("add_v_proj", addV, context));
      query = Ops.concatenate(List.of(query, cq), 1);
      key = Ops.concatenate(List.of(key, ck), 1);
      value = Ops.concatenate(List.of(value, cv), 1);
    }
    Tensor y = Heads.merge(attended(query, key, value, mask));
    int tokens = x.dim(1);
    if (context == null) {
      return List.of(out(y));
    }
    Tensor rest = AttentionAdapter.tokens(y, tokens, context.dim(1));
    Tensor own = out(AttentionAdapter.tokens(y, 0, tokens));
    return List.of(own, toAddOut == null ? rest : toAddOut.apply(rest));
  }

  private Tensor withAdded(Tensor x, Tensor context, Tensor mask) {
    Tensor raw = tokens(x);
    check(raw, x);
    Tensor source = context == null ? raw : normalized(context);
    Tensor tokens = groupNorm.apply(raw);
    Tensor k = adapter.project("add_k_proj", addK, source);
    Tensor v = adapter.project("add_v_proj", addV, source);
    if (toK != null) {
      k = Ops.concatenate(List.of(k, adapter.project("to_k", toK, tokens)), 1);
      v = Ops.concatenate(List.of(v, adapter.project("to_v", toV, tokens)), 1);
    }
    Tensor y = out(attend(adapter.project("to_q", toQ, tokens), k, v, mask));
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
    boolean plain = fused && adapter == AttentionAdapter.NONE;
    if (plain && !isCross && x == source) {
      return FusedProjections.apply(x, toQ, toK, toV);
    }
    List<Tensor> all = new ArrayList<>(List.of(adapter.project("to_q", toQ, x)));
    if (plain) {
      all.addAll(FusedProjections.apply(source, toK, toV));
    } else {
      all.add(adapter.project("to_k", toK, source));
      all.add(adapter.project("to_v", toV, source));
    }
    return all;
  }

  private Tensor attend(Tensor query, Tensor key, Tensor value, Tensor mask) {
    UnaryOperator<Tensor> q = t -> Heads.split(t, heads);
    UnaryOperator<Tensor> k = t -> Heads.split(t, kvHeads);
    Tensor y = attended(norms.query(query, q), norms.key(key, k), k.apply(value), mask);
    return Heads.merge(y);
  }

  private Tensor attended(Tensor query, Tensor key, Tensor value, Tensor mask) {
    AttentionMask m = AttentionMask.of(label(), mask, query.dim(0), heads, key.dim(1));
    return processor.attend(query, key, value, m, scale, causal);
  }

  private Tensor out(Tensor merged) {
    if (toOut == null) {
      return merged;
    }
    Tensor y = adapter.project("to_out", toOut, merged);
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
  public Object outputStructure(List<Tensor> flat) {
    return flat.size() == 1 ? flat.get(0) : flat;
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
    return isCross
        ? FusedProjections.named("to_kv.", toK, toV)
        : FusedProjections.named("to_qkv.", toQ, toK, toV);
  }
}
