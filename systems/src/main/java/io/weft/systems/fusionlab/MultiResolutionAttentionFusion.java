package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Self-attention over features of several sources that were joined before; as fusionlab's layer of
 * this name.
 *
 * <p>Input: {@code (batch, T, features)}. Output: the same shape. The mask goes on. Weights: those
 * of {@code attention}, whose heads are {@code units} wide each.
 */
public final class MultiResolutionAttentionFusion extends UnaryLayer {
  public static final LayerType<MultiResolutionAttentionFusion> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS,
              "MultiResolutionAttentionFusion",
              MultiResolutionAttentionFusion::new)
          .args("training");

  private final MultiHeadAttention attention;

  public MultiResolutionAttentionFusion(int units, int numHeads) {
    this(Config.of("units", units, "num_heads", numHeads));
  }

  /** Restores a layer from its config. */
  public MultiResolutionAttentionFusion(Config config) {
    super(TYPE, config);
    int units = args.positiveInt("units");
    int heads = args.positiveInt("num_heads");
    attention = track("attention", Parts.attention(heads, units, 0, policy()));
    setInputSpec(InputSpec.rank(3));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    b.build(attention, b.input(), b.input());
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return attention.apply(List.of(x, x), io.weft.layer.CallArgs.NONE);
  }
}
