package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Self-attention over time whose queries a static context shifts; as fusionlab's layer of this
 * name.
 *
 * <pre>
 *   q = x (+ GRN_c(context) at every step)
 *   y = GRN_o(LN(x + dropout(MHA(query = q, key = value = x))))
 * </pre>
 *
 * <p>Inputs: {@code x (batch, T, features)}; then, if there is one, a context {@code (batch,
 * context features)}, which needs {@code features = units}. Output: {@code (batch, T, units)}. Call
 * arguments: {@code attention_mask (batch, T, T)}, true = may attend; {@code use_causal_mask},
 * without which, as in the original, steps see later ones; {@code training}. The mask of x goes on.
 * Weights: {@code multi_head_attention} (heads {@code units} wide each), {@code layer_norm1},
 * {@code context_grn} once there is a context, {@code output_grn}.
 */
public final class TemporalAttentionLayer extends Layer {
  public static final LayerType<TemporalAttentionLayer> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "TemporalAttentionLayer", TemporalAttentionLayer::new)
          .inputs("inputs")
          .optional("context_vector")
          .args("training", "attention_mask", "use_causal_mask");

  private final int units;
  private final MultiHeadAttention attention;
  private final Dropout dropout;
  private final LayerNormalization norm;
  private final GatedResidualNetwork contextNetwork;
  private final GatedResidualNetwork outputNetwork;

  /** Attention with {@code numHeads} heads and default options. */
  public TemporalAttentionLayer(int units, int numHeads) {
    this(builder(units, numHeads).config());
  }

  /** Restores a layer from its config. */
  public TemporalAttentionLayer(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    int heads = args.positiveInt("num_heads");
    double rate = args.fraction("dropout_rate", 0.0);
    String activation = Parts.activation(args, "activation", "elu");
    boolean batchNorm = args.bool("use_batch_norm", false);
    attention = track("multi_head_attention", Parts.attention(heads, units, rate, policy()));
    dropout = track("dropout", Parts.dropout(rate, policy()));
    norm = track("layer_norm1", Parts.norm(policy()));
    contextNetwork = track("context_grn", Parts.grn(units, rate, activation, batchNorm, policy()));
    outputNetwork = track("output_grn", Parts.grn(units, rate, activation, batchNorm, policy()));
    setInputSpec(InputSpec.rank(3));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    b.build(attention, x, x);
    b.build(norm, x);
    b.build(outputNetwork, x);
    if (b.inputs().size() > 1) {
      b.build(contextNetwork, b.input(1));
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    Tensor query = Parts.given(inputs).size() > 1 ? x.plus(shift(x, inputs.get(1))) : x;
    CallArgs a = ctx.forward("attention_mask", "use_causal_mask");
    Tensor attended = dropout.apply(attention.apply(List.of(query, x), a));
    return List.of(outputNetwork.apply(norm.apply(x.plus(attended))));
  }

  private Tensor shift(Tensor x, Tensor context) {
    if (context.rank() != 2 || context.dim(0) != x.dim(0) || x.dim(2) != units) {
      throw new ShapeException(
          label()
              + ": expected inputs (batch, steps, "
              + units
              + ") and a context (batch, features). Received: "
              + x.shape()
              + " and "
              + context.shape());
    }
    return Ops.expandDims(contextNetwork.apply(context), 1);
  }

  public static Builder builder(int units, int numHeads) {
    return new Builder(units, numHeads);
  }

  /** Optional settings of {@link TemporalAttentionLayer}. */
  public static final class Builder extends Layer.Builder<TemporalAttentionLayer, Builder> {
    private Builder(int units, int numHeads) {
      set("units", units).set("num_heads", numHeads);
    }

    /** Share of attention weights and hidden elements dropped in training; default 0. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }

    /** The hidden function of the gated networks by name, or null; default elu. */
    public Builder activation(String name) {
      return set("activation", name);
    }

    /** Whether hidden layers are normalized over the batch; default false. */
    public Builder useBatchNorm(boolean on) {
      return set("use_batch_norm", on);
    }

    @Override
    public TemporalAttentionLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
