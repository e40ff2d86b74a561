package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Multi-head cross-attention from one source to another, as fusionlab's layer of this name.
 *
 * <p>Both sources are projected to {@code units} features. The first gives the queries, the second
 * the keys and values: {@code y = MHA(query = S₁·W₁ + b₁, key = value = S₂·W₂ + b₂)}. No residual,
 * no normalization; each head is {@code units} wide.
 *
 * <p>Inputs: a list {@code [source1 (batch, T, features1), source2 (batch, S, features2)]}. Output:
 * {@code (batch, T, units)}. Call arguments: {@code attention_mask (batch, T, S)}, true = may
 * attend; in its place {@code query_mask (batch, T)} and {@code value_mask (batch, S)}, of which
 * one may be missing; {@code use_causal_mask}; {@code training}. The mask of source 1 goes on.
 * Weights: kernel and bias of {@code source1_dense} and {@code source2_dense}, then those of the
 * attention.
 *
 * @see MultiHeadAttention
 */
public final class CrossAttention extends Layer {
  public static final LayerType<CrossAttention> TYPE =
      LayerType.custom("fusionlab.nn.components", "CrossAttention", CrossAttention::new)
          .takesList()
          .args("training", "attention_mask", "query_mask", "value_mask", "use_causal_mask")
          .implies(FusionLayers.heads("cross_attention"));

  private final int units;
  private final Dense source1Dense;
  private final Dense source2Dense;
  private final MultiHeadAttention attention;

  /** Attention with {@code numHeads} heads of width {@code units} and default options. */
  public CrossAttention(int units, int numHeads) {
    this(builder(units, numHeads).config());
  }

  /** Restores a layer from its config. */
  public CrossAttention(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    int numHeads = args.positiveInt("num_heads");
    source1Dense = track("source1_dense", FusionLayers.dense(units, policy()));
    source2Dense = track("source2_dense", FusionLayers.dense(units, policy()));
    attention = track("cross_attention", FusionLayers.attention(args, numHeads, units, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    check(b.inputs().size());
    b.build(source1Dense, b.input(0));
    b.build(source2Dense, b.input(1));
    b.build(attention, b.input(0).withDim(-1, units), b.input(1).withDim(-1, units));
  }

  private void check(int sources) {
    if (sources != 2) {
      throw new ShapeException(label() + ": expected a list of two sources. Received: " + sources);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> sources, CallContext ctx) {
    check(sources.size());
    Tensor query = source1Dense.apply(sources.get(0));
    Tensor value = source2Dense.apply(sources.get(1));
    CallArgs a = ctx.forward("attention_mask", "use_causal_mask", "training");
    if (!a.has("attention_mask")) {
      Tensor mask =
          AttentionMasks.outer(
              ctx.args().tensor("query_mask"),
              ctx.args().tensor("value_mask"),
              query.dim(1),
              value.dim(1));
      a = mask == null ? a : a.with("attention_mask", mask);
    }
    return attention.applyAll(List.of(query, value), a);
  }

  public static Builder builder(int units, int numHeads) {
    return new Builder(units, numHeads);
  }

  /** Optional settings of {@link CrossAttention}. */
  public static final class Builder extends FusionLayers.Options<CrossAttention, Builder> {
    private Builder(int units, int numHeads) {
      set("units", units).set("num_heads", numHeads);
    }

    @Override
    public CrossAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
