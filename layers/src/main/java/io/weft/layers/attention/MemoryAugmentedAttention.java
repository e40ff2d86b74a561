package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * Attention over a learned memory, added to the input; as fusionlab's layer of this name.
 *
 * <p>{@code y = MHA(query = x, key = value = memory) + x}. The memory starts with small random
 * numbers; with {@code memory_initializer="zeros"}, as in the original, all its rows stay equal in
 * training.
 *
 * <p>Input: {@code (batch, T, features)}. Output: the same shape. Call arguments: {@code
 * attention_mask (batch, T, memory_size)}; in its place {@code query_mask (batch, T)} and {@code
 * value_mask (batch, memory_size)}; {@code use_causal_mask}; {@code training}. The input's mask
 * goes on. Weights: {@code memory (memory_size, units)}, then those of the attention.
 *
 * @see MultiHeadAttention
 */
public final class MemoryAugmentedAttention extends UnaryLayer {
  public static final LayerType<MemoryAugmentedAttention> TYPE =
      LayerType.custom(
              "fusionlab.nn.components", "MemoryAugmentedAttention", MemoryAugmentedAttention::new)
          .args("training", "attention_mask", "query_mask", "value_mask", "use_causal_mask")
          .implies(FusionLayers.heads("attention"));

  private final int units;
  private final int memorySize;
  private final Initializer memoryInitializer;
  private final MultiHeadAttention attention;
  private Variable memory;

  /** A memory of {@code memorySize} rows with default options. */
  public MemoryAugmentedAttention(int units, int memorySize, int numHeads) {
    this(builder(units, memorySize, numHeads).config());
  }

  /** Restores a layer from its config. */
  public MemoryAugmentedAttention(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    memorySize = args.positiveInt("memory_size");
    int numHeads = args.positiveInt("num_heads");
    Initializer given = args.objectOrNull("memory_initializer", Initializer.class, null);
    memoryInitializer =
        given != null ? given : new RandomNormal(Config.of("mean", 0.0, "stddev", 0.02));
    if (given == null) {
      args.forget("memory_initializer");
    }
    attention = track("attention", FusionLayers.attention(args, numHeads, units, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    memory = b.addWeight("memory", Shape.of(memorySize, units), memoryInitializer);
    b.build(attention, b.input(), Shape.of(b.input().dim(0), memorySize, units));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor rows =
        Ops.broadcastTo(Ops.expandDims(memory.value(), 0), Shape.of(x.dim(0), memorySize, units));
    CallArgs a = ctx.forward("attention_mask", "use_causal_mask", "training");
    if (!a.has("attention_mask")) {
      Tensor mask =
          AttentionMasks.outer(
              ctx.args().tensor("query_mask"),
              ctx.args().tensor("value_mask"),
              x.dim(1),
              memorySize);
      a = mask == null ? a : a.with("attention_mask", mask);
    }
    return attention.apply(List.of(x, rows), a).plus(x);
  }

  public static Builder builder(int units, int memorySize, int numHeads) {
    return new Builder(units, memorySize, numHeads);
  }

  /** Optional settings of {@link MemoryAugmentedAttention}. */
  public static final class Builder
      extends FusionLayers.Options<MemoryAugmentedAttention, Builder> {
    private Builder(int units, int memorySize, int numHeads) {
      set("units", units).set("memory_size", memorySize).set("num_heads", numHeads);
    }

    /** How the memory starts, by name or object; default normal with deviation 0.02. */
    public Builder memoryInitializer(Object initializer) {
      return set("memory_initializer", initializer);
    }

    @Override
    public MemoryAugmentedAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
