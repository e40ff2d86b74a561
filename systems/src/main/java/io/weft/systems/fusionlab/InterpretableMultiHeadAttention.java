package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Self-attention whose heads share their values, so that the mean of their weights says what each
 * step looks at; Lim et al. 2021, eq. 13–16.
 *
 * <pre>
 *   y = (1/H · Σ_h softmax(x·Q_h · (x·K_h)ᵀ / √d) · x·V) · W
 * </pre>
 *
 * <p>Steps see themselves and earlier ones only, unless {@code causal=false}. Input: {@code (batch,
 * T, features)}. Output: {@code (batch, T, units)}. Weights: {@code query}, {@code key (features,
 * units)}, {@code value (features, units / num_heads)}, each with bias, {@code output (units /
 * num_heads, units)}.
 */
public final class InterpretableMultiHeadAttention extends UnaryLayer {
  public static final LayerType<InterpretableMultiHeadAttention> TYPE =
      LayerType.custom(
              "weft.systems.fusionlab",
              "InterpretableMultiHeadAttention",
              InterpretableMultiHeadAttention::new)
          .args("training");

  private final int units;
  private final int heads;
  private final boolean causal;
  private final Dense query;
  private final Dense key;
  private final Dense value;
  private final Dense output;

  public InterpretableMultiHeadAttention(int units, int numHeads) {
    this(Config.of("units", units, "num_heads", numHeads));
  }

  /** Restores a layer from its config. */
  public InterpretableMultiHeadAttention(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    heads = args.positiveInt("num_heads");
    if (units % heads != 0) {
      throw args.refuse("num_heads", "a divisor of units (" + units + ")");
    }
    causal = args.bool("causal", true);
    query = track("query", Parts.dense(units, null, policy()));
    key = track("key", Parts.dense(units, null, policy()));
    value = track("value", Parts.dense(units / heads, null, policy()));
    output = track("output", Parts.linear(units, policy()));
    setInputSpec(InputSpec.rank(3));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    b.build(query, b.input());
    b.build(key, b.input());
    b.build(value, b.input());
    b.build(output, b.input().withDim(-1, units / heads));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor q = Heads.split(query.apply(x), heads);
    Tensor k = Heads.split(key.apply(x), heads);
    Tensor v = Ops.expandDims(value.apply(x), 2);
    v = Ops.broadcastTo(v, Shape.of(v.dim(0), v.dim(1), heads, v.dim(3)));
    Tensor mask = ctx.mask(0);
    Tensor keys = mask == null ? null : Ops.reshape(mask, mask.dim(0), 1, 1, mask.dim(1));
    Tensor y = Heads.attend(q, k, v, null, keys, Heads.scale(q), causal, FullyMaskedRows.UNIFORM);
    return output.apply(Ops.mean(y, 2));
  }
}
