package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The weights of self-attention, which say what each step looks at; as fusionlab's layer of this
 * name.
 *
 * <p>Input: {@code (batch, T, features)}. Output: the weights {@code (batch, heads, T, T)}, each
 * row adding up to 1. The original gives nothing else, so that the projections of values and
 * results never learn; with {@code return_output=true} the attended values {@code (batch, T,
 * features)} come first. Weights: those of {@code attention}.
 */
public final class ExplainableAttention extends Layer {
  public static final LayerType<ExplainableAttention> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "ExplainableAttention", ExplainableAttention::new)
          .args("training");

  private final boolean returnOutput;
  private final MultiHeadAttention attention;

  public ExplainableAttention(int numHeads, int keyDim) {
    this(Config.of("num_heads", numHeads, "key_dim", keyDim));
  }

  /** Restores a layer from its config. */
  public ExplainableAttention(Config config) {
    super(TYPE, config);
    int heads = args.positiveInt("num_heads");
    int width = args.positiveInt("key_dim");
    returnOutput = Parts.option(args, "return_output", false);
    attention = track("attention", Parts.attention(heads, width, 0, policy()));
    setInputSpec(InputSpec.rank(3));
  }

  @Override
  protected void build(BuildContext b) {
    b.build(attention, b.input(), b.input());
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    List<Tensor> both =
        attention.applyAll(List.of(x, x), CallArgs.of("return_attention_scores", true));
    return returnOutput ? both : List.of(both.get(1));
  }
}
