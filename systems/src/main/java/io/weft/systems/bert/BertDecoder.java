package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.initializers.Zeros;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.models.SubclassedModel;
import io.weft.systems.core.Parts;
import io.weft.systems.transformer.NextToken;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * BERT as a decoder that reads an encoder by cross-attention and says the next token, with the
 * config and weight names of Hugging Face's {@code BertLMHeadModel}: {@link BertModel}, then {@code
 * LN(act(W h + b))}, then the table of words.
 *
 * <p>Input: {@code input_ids (batch, T)}. Output: logits {@code (batch, T, vocab_size)}. Call
 * arguments are those of {@link BertModel}. {@code is_decoder} and {@code add_cross_attention} are
 * true unless given. Weights: {@code bias} of the words, the model's, kernel, bias and norm of the
 * head.
 */
public final class BertDecoder extends SubclassedModel implements TorchNamed {
  public static final LayerType<BertDecoder> TYPE =
      LayerType.custom("transformers", "BertLMHeadModel", BertDecoder::new)
          .inputs("input_ids")
          .args(BertModel.CALL);

  private final BertModel bert;
  private final int hidden;
  private final int vocabulary;
  private final Dense dense;
  private final Layer norm;
  private final UnaryOperator<Tensor> activation;
  private Variable bias;

  /** Restores a model from Hugging Face's config of BERT. */
  public BertDecoder(Config config) {
    super(TYPE, config);
    vocabulary = args.positiveInt("vocab_size", 30522);
    hidden = args.positiveInt("hidden_size", 768);
    activation = Parts.activation(args.string("hidden_act", "gelu"));
    double epsilon = args.nonNegative("layer_norm_eps", 1e-12);
    boolean decoder = args.bool("is_decoder", true);
    boolean cross = args.bool("add_cross_attention", decoder);
    Config c =
        config
            .without("name", "trainable")
            .plus(
                Config.of("is_decoder", decoder, "add_cross_attention", cross, "dtype", policy()));
    bert = track("bert", Layer.fromConfig(BertModel.TYPE, c));
    bert.getConfig()
        .without("name", "trainable", "dtype", "add_pooling_layer")
        .asMap()
        .forEach(args::any);
    dense = track("cls.predictions.transform.dense", Parts.dense(hidden, true, policy()));
    norm = track("cls.predictions.transform.LayerNorm", Parts.norm(epsilon, true, policy()));
  }

  @Override
  public List<TorchEntry> torchEntries() {
    return List.of(TorchEntry.of("cls.predictions.bias", Layout.SAME, bias));
  }

  @Override
  protected void build(BuildContext b) {
    bias = b.addWeight("bias", Shape.of(vocabulary), new Zeros());
    b.build(bert, b.input());
    Shape x = b.input().plus(hidden);
    b.build(dense, x);
    b.build(norm, x);
  }

  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    return bert.assumedShapes(inputs);
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int i, Shape inferred) {
    return inferred.withDim(1, inputs.get(0).dim(1));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor h = bert.apply(in.get(0), ctx.args());
    h = norm.apply(activation.apply(dense.apply(h)));
    return List.of(Ops.matmul(h, Ops.transpose(bert.wordTable(), 1, 0)).plus(bias.value()));
  }

  /**
   * What the decoder says about tokens that follow.
   *
   * @param encoded the encoder's states (batch, S, hidden), or null
   * @param mask (batch, S), true or 1 = a token, or null for all
   */
  public NextToken decoding(Tensor encoded, Tensor mask) {
    CallArgs states =
        encoded == null ? CallArgs.NONE : CallArgs.of("encoder_hidden_states", encoded);
    CallArgs a = mask == null ? states : states.with("encoder_attention_mask", mask);
    return (tokens, cache) -> apply(tokens, a.with("cache", cache));
  }
}
