package io.weft.systems.retro;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.MultiHead;
import io.weft.systems.core.Parts;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A layer of RETRO (Borgeaud et al. 2021): {@code a = x + SA(RMS(x)); b = a + C(RMS(a), context); y
 * = b + FF(RMS(b))}, C being {@code cross}: {@code none}, {@code plain} (attention of a neighbour
 * to the chunk it was found for) or {@code chunked} ({@link ChunkedCrossAttention}).
 *
 * <p>Inputs: {@code x (batch, T, dim)}; with cross-attention its context, null or missing to leave
 * it out. Output: {@code (batch, T, dim)}. Call arguments: {@code mask (batch, T)}, true = a token;
 * {@code context_mask}. {@code rotary} features of each head are turned by position. Weights:
 * self-attention, norm, cross-attention, norm, feed-forward, norm.
 */
public final class RetroBlock extends Layer {
  public static final LayerType<RetroBlock> TYPE =
      LayerType.custom("retro", "RetroBlock", RetroBlock::new)
          .inputs("x", "context")
          .args("mask", "context_mask", "training");

  private final int dim;
  private final int contextDim;
  private final boolean causal;
  private final boolean chunked;
  private final MultiHead self;
  private final Layer selfNorm;
  private final Layer cross;
  private final Layer crossNorm;
  private final Dense up;
  private final Dense down;
  private final Layer feedNorm;
  private final UnaryOperator<Tensor> activation = Parts.activation("gelu");
  private final Dropout dropout;

  /** Restores a layer from its config. */
  public RetroBlock(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    contextDim = args.positiveInt("context_dim", dim);
    int heads = args.positiveInt("heads", 8);
    int headWidth = args.positiveInt("dim_head", 64);
    int chunk = args.positiveInt("chunk_size", 64);
    int hidden = args.positiveInt("ff_mult", 4) * dim;
    int rotary = args.integer("rotary", Math.min(32, headWidth));
    double rate = args.fraction("dropout", 0.0);
    causal = args.bool("causal", true);
    String kind = args.oneOf("cross", "none", "none", "plain", "chunked");
    chunked = kind.equals("chunked");
    boolean bias = RetroParts.bias(args);
    Config c =
        RetroParts.attention(dim, headWidth, heads, rate, rotary)
            .with("use_bias", bias)
            .with("dtype", policy());
    self = track("attn", Layer.fromConfig(MultiHead.TYPE, c));
    selfNorm = track("attn_norm", Parts.rmsNorm(1e-8, policy()));
    cross =
        switch (kind) {
          case "plain" ->
              track("cross_attn", Layer.fromConfig(MultiHead.TYPE, c.with("rotary_dim", 0)));
          case "chunked" ->
              track(
                  "cross_attn",
                  Layer.fromConfig(
                      ChunkedCrossAttention.TYPE,
                      Config.of(
                          "chunk_size",
                          chunk,
                          "dim",
                          dim,
                          "context_dim",
                          contextDim,
                          "dim_head",
                          headWidth,
                          "heads",
                          heads,
                          "dropout",
                          rate,
                          "rotaryDim",
                          rotary,
                          "use_bias",
                          bias,
                          "dtype",
                          policy())));
          default -> null;
        };
    crossNorm = cross == null ? null : track("cross_norm", Parts.rmsNorm(1e-8, policy()));
    up = track("ff.up", Parts.dense(hidden, true, policy()));
    down = track("ff.down", Parts.dense(dim, true, policy()));
    feedNorm = track("ff_norm", Parts.rmsNorm(1e-8, policy()));
    dropout = rate == 0 ? null : track("dropout", Parts.dropout(rate, policy()));
  }

  /** Whether the layer reads a context. */
  boolean reads() {
    return cross != null;
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input(0).withDim(-1, dim);
    b.build(self, x);
    b.build(selfNorm, x);
    if (cross != null) {
      Shape context = Shape.of(x.dim(0), Shape.UNKNOWN, contextDim);
      b.build(
          cross,
          x,
          chunked
              ? Shape.of(x.dim(0), Shape.UNKNOWN, Shape.UNKNOWN, Shape.UNKNOWN, contextDim)
              : context);
      b.build(crossNorm, x);
    }
    b.build(up, x);
    b.build(down, x.withDim(-1, up.getConfig().get("units") instanceof Long u ? u.intValue() : 0));
    b.build(feedNorm, x);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor x = in.get(0);
    if (x.rank() != 3 || x.dim(2) != dim) {
      throw new ShapeException(
          label() + ": expected (batch, tokens, " + dim + "). Received: " + x.shape() + ".");
    }
    CallArgs shared = ctx.forward("training");
    CallArgs a = shared.with("use_causal_mask", causal);
    Tensor mask = ctx.args().tensor("mask");
    a = mask == null ? a : a.with("key_mask", mask);
    Tensor y = x.plus(drop(self.apply(selfNorm.apply(x), a)));
    Tensor context = in.size() > 1 ? in.get(1) : null;
    if (cross != null && context != null) {
      CallArgs c = shared;
      Tensor contextMask = ctx.args().tensor("context_mask");
      if (contextMask != null) {
        c = c.with(chunked ? "context_mask" : "key_mask", contextMask);
      }
      y = y.plus(drop(cross.apply(List.of(crossNorm.apply(y), context), c)));
    }
    return List.of(y.plus(drop(down.apply(activation.apply(up.apply(feedNorm.apply(y)))))));
  }

  private Tensor drop(Tensor x) {
    return dropout == null ? x : dropout.apply(x);
  }
}
