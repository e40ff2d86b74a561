package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Embedding;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.models.SubclassedModel;
import io.weft.systems.core.KeyValueCache;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * BERT (Devlin et al. 2018): embeddings of word, position and kind, added and normalized, then
 * {@link BertLayer}s; with the arguments and weight names of Hugging Face's {@code BertModel}.
 *
 * <p>Input: {@code input_ids (batch, T)}. Output: {@code (batch, T, hidden_size)}; with {@code
 * add_pooling_layer} (here false by default) then the first token's state through a dense layer
 * with tanh. Call arguments: {@code attention_mask (batch, T)}, with a cache of all tokens so far,
 * or {@code (batch, T, S)}, 0 or false hides; {@code token_type_ids}, {@code position_ids (batch,
 * T)}; {@code encoder_hidden_states}, {@code encoder_attention_mask}; {@code cache}. With {@code
 * is_decoder} no token sees a later one.
 */
public final class BertModel extends SubclassedModel {
  /** Call arguments, those of {@link BertDecoder} too. */
  static final String[] CALL = {
    "attention_mask",
    "token_type_ids",
    "position_ids",
    "encoder_hidden_states",
    "encoder_attention_mask",
    "cache",
    "training"
  };

  public static final LayerType<BertModel> TYPE =
      LayerType.custom("transformers", "BertModel", BertModel::new).inputs("input_ids").args(CALL);

  private final int hidden;
  private final int maxPositions;
  private final boolean causal;
  private final Integer padding;
  private final Embedding words;
  private final Embedding positions;
  private final Embedding kinds;
  private final LayerNormalization norm;
  private final Dropout dropout;
  private final List<BertLayer> layers = new ArrayList<>();
  private final Dense pooler;

  /** Restores a model from Hugging Face's config of BERT. */
  public BertModel(Config config) {
    super(TYPE, config);
    int vocabulary = args.positiveInt("vocab_size", 30522);
    hidden = args.positiveInt("hidden_size", 768);
    int count = args.positiveInt("num_hidden_layers", 12);
    maxPositions = args.positiveInt("max_position_embeddings", 512);
    int kindCount = args.positiveInt("type_vocab_size", 2);
    double epsilon = args.nonNegative("layer_norm_eps", 1e-12);
    double rate = args.fraction("hidden_dropout_prob", 0.1);
    double spread = args.nonNegative("initializer_range", 0.02);
    padding = args.integerOrNull("pad_token_id", 0);
    causal = args.bool("is_decoder", false);
    boolean pool = args.bool("add_pooling_layer", false);
    words = track("embeddings.word_embeddings", embedding(vocabulary, spread));
    positions = track("embeddings.position_embeddings", embedding(maxPositions, spread));
    kinds = track("embeddings.token_type_embeddings", embedding(kindCount, spread));
    norm = track("embeddings.LayerNorm", Parts.norm(epsilon, true, policy()));
    dropout = rate == 0 ? null : track("embeddings.dropout", Parts.dropout(rate, policy()));
    // the layers read the rest and refuse what is wrong with it
    Config given = config.without("name", "trainable", "add_pooling_layer");
    for (int i = 0; i < count; i++) {
      layers.add(Layer.fromConfig(BertLayer.TYPE, given.with("dtype", policy())));
    }
    layers
        .get(0)
        .getConfig()
        .asMap()
        .forEach(
            (k, v) -> {
              if (!k.equals("name") && !k.equals("trainable") && !k.equals("dtype")) {
                args.any(k, v);
              }
            });
    trackAll("encoder.layer", layers);
    pooler = pool ? track("pooler.dense", Parts.dense(hidden, true, policy())) : null;
  }

  private Embedding embedding(int rows, double spread) {
    return Layer.fromConfig(
        Embedding.TYPE,
        Config.of(
            "input_dim",
            rows,
            "output_dim",
            hidden,
            "embeddings_initializer",
            new RandomNormal(0, spread),
            "dtype",
            policy()));
  }

  @Override
  protected void build(BuildContext b) {
    Shape ids = b.input();
    Shape x = Shape.of(ids.dim(0), ids.dim(1), hidden);
    b.build(words, ids);
    b.build(positions, ids);
    b.build(kinds, ids);
    b.build(norm, x);
    layers.forEach(l -> b.build(l, x));
    if (pooler != null) {
      b.build(pooler, Shape.of(x.dim(0), hidden));
    }
  }

  /** The table's rows, for a head that shares them. */
  Tensor wordTable() {
    return words.ownVariables().get(0).value();
  }

  /** A time that is not known yet is tried with sizes that the table of positions has. */
  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    Shape ids = inputs.get(0);
    if (ids.rank() != 2 || ids.dim(1) >= 0) {
      return inputs;
    }
    List<Shape> all = new ArrayList<>(inputs);
    all.set(0, ids.withDim(1, 1));
    return all;
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int i, Shape inferred) {
    return i == 0 ? inferred.withDim(1, inputs.get(0).dim(1)) : inferred;
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor ids = in.get(0);
    if (ids.rank() != 2) {
      throw new ShapeException(
          label() + ": input_ids: expected (batch, tokens). Received: " + ids.shape() + ".");
    }
    CallArgs a = ctx.args();
    int past = a.get("cache") instanceof KeyValueCache c ? c.length() : 0;
    Tensor x = words.apply(ids);
    if (padding != null) {
      // the row of padding does not learn from being read, as with PyTorch's padding_idx
      Tensor pad = Ops.expandDims(Ops.equal(ids, padding), -1);
      x = Ops.where(pad, Ops.stopGradient(x), x);
    }
    x = x.plus(positions.apply(positionIds(ids, past, a.tensor("position_ids"))));
    Tensor kind = a.tensor("token_type_ids");
    x = x.plus(kinds.apply(kind == null ? Ops.zerosLike(ids) : kind));
    x = norm.apply(x);
    x = dropout == null ? x : dropout.apply(x);
    CallArgs call =
        ctx.forward("encoder_hidden_states", "cache", "training").with("use_causal_mask", causal);
    for (String mask : new String[] {"attention_mask", "encoder_attention_mask"}) {
      if (a.has(mask)) {
        call = call.with(mask, HuggingFace.mask(a.tensor(mask)));
      }
    }
    for (BertLayer l : layers) {
      x = l.apply(x, call);
    }
    if (pooler == null) {
      return List.of(x);
    }
    Tensor first = Ops.slice(x, new int[] {0, 0, 0}, new int[] {x.dim(0), 1, hidden});
    return List.of(x, Ops.tanh(pooler.apply(Ops.reshape(first, x.dim(0), hidden))));
  }

  private Tensor positionIds(Tensor ids, int past, Tensor given) {
    if (given != null) {
      return given;
    }
    int end = past + ids.dim(1);
    if (end > maxPositions) {
      throw new ShapeException(
          label()
              + ": expected at most "
              + maxPositions
              + " tokens. Received: "
              + end
              + ". Raise max_position_embeddings or cut the sequence.");
    }
    return Ops.reshape(Ops.add(Ops.arange(ids.dim(1)), past), 1, ids.dim(1));
  }
}
