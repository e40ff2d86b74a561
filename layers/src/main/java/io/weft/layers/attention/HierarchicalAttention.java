package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Two independent self-attentions, over a short-term and a long-term sequence, joined; as
 * fusionlab's layer of this name, which adds them up.
 *
 * <p>Inputs: a list {@code [short (batch, T, features1), long (batch, T, features2)]} of one
 * length. Output, of {@code S = MHA(s, s, s)} and {@code L = MHA(l, l, l)} of the projections s and
 * l: with {@code fusion="sum"}, the default, {@code S + L (batch, T, units)}; with {@code "gated"}
 * {@code g·S + (1 − g)·L}, {@code g = σ([S; L]·W + b)}; with {@code "concat"} {@code [S; L] (batch,
 * T, 2 · units)}. Call arguments: {@code short_mask}, {@code long_mask (batch, T)}, {@code
 * use_causal_mask}, {@code training}. The mask of the first sequence goes on. Weights: kernel and
 * bias of {@code short_term_dense} and {@code long_term_dense}, then those of both attentions, then
 * kernel and bias of {@code gate_dense} if gated.
 *
 * @see MultiHeadAttention
 */
public final class HierarchicalAttention extends Layer {
  public static final LayerType<HierarchicalAttention> TYPE =
      LayerType.custom(
              "fusionlab.nn.components", "HierarchicalAttention", HierarchicalAttention::new)
          .takesList()
          .args("training", "short_mask", "long_mask", "use_causal_mask")
          .implies(FusionLayers.heads("short_term_attention"));

  private final int units;
  private final Dense shortDense;
  private final Dense longDense;
  private final MultiHeadAttention shortAttention;
  private final MultiHeadAttention longAttention;
  private final String fusion;
  private final Dense gate;

  /** Attentions with {@code numHeads} heads of width {@code units} and default options. */
  public HierarchicalAttention(int units, int numHeads) {
    this(builder(units, numHeads).config());
  }

  /** Restores a layer from its config; the nested projections of original configs are ignored. */
  public HierarchicalAttention(Config config) {
    super(TYPE, config.without("short_term_dense", "long_term_dense"));
    units = args.positiveInt("units");
    int heads = args.positiveInt("num_heads");
    shortDense = track("short_term_dense", FusionLayers.dense(units, policy()));
    longDense = track("long_term_dense", FusionLayers.dense(units, policy()));
    shortAttention =
        track("short_term_attention", FusionLayers.attention(args, heads, units, policy()));
    longAttention =
        track("long_term_attention", FusionLayers.attention(args, heads, units, policy()));
    fusion = args.oneOf("fusion", "sum", "sum", "concat", "gated");
    if (!args.has("fusion")) {
      args.forget("fusion");
    }
    gate = fusion.equals("gated") ? track("gate_dense", FusionLayers.dense(units, policy())) : null;
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    if (b.inputs().size() != 2) {
      throw new ShapeException(
          label() + ": expected a list of two sequences. Received: " + b.inputs().size());
    }
    b.build(shortDense, b.input(0));
    b.build(longDense, b.input(1));
    Shape s = b.input(0).withDim(-1, units);
    Shape l = b.input(1).withDim(-1, units);
    b.build(shortAttention, s, s);
    b.build(longAttention, l, l);
    if (gate != null) {
      b.build(gate, s.withDim(-1, 2 * units));
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() != 2 || inputs.get(0).dim(1) != inputs.get(1).dim(1)) {
      throw new ShapeException(
          label()
              + ": expected two sequences of one length. Received: "
              + inputs.stream().map(Tensor::shape).toList());
    }
    Tensor s = attend(shortDense.apply(inputs.get(0)), shortAttention, "short_mask", ctx);
    Tensor l = attend(longDense.apply(inputs.get(1)), longAttention, "long_mask", ctx);
    return List.of(fused(s, l));
  }

  private Tensor fused(Tensor s, Tensor l) {
    if (fusion.equals("sum")) {
      return s.plus(l);
    }
    Tensor both = Ops.concatenate(List.of(s, l), -1);
    if (gate == null) {
      return both;
    }
    Tensor g = Ops.sigmoid(gate.apply(both));
    return g.times(s).plus(Ops.oneMinus(g).times(l));
  }

  private static Tensor attend(
      Tensor x, MultiHeadAttention attention, String maskName, CallContext ctx) {
    CallArgs a = ctx.forward("use_causal_mask", "training");
    Tensor mask = ctx.args().tensor(maskName);
    if (mask != null) {
      a = a.with("attention_mask", AttentionMasks.outer(mask, mask, x.dim(1), x.dim(1)));
    }
    return attention.apply(List.of(x, x), a);
  }

  public static Builder builder(int units, int numHeads) {
    return new Builder(units, numHeads);
  }

  /** Optional settings of {@link HierarchicalAttention}. */
  public static final class Builder extends FusionLayers.Options<HierarchicalAttention, Builder> {
    private Builder(int units, int numHeads) {
      set("units", units).set("num_heads", numHeads);
    }

    /** How the results are joined: {@code sum}, {@code concat} or {@code gated}; default sum. */
    public Builder fusion(String kind) {
      return set("fusion", kind);
    }

    @Override
    public HierarchicalAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
