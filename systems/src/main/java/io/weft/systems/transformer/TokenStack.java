package io.weft.systems.transformer;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.Parts;
import io.weft.systems.core.Sinusoid;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What encoder and decoder share: tokens become {@code E[token] · √dim + position}, then blocks,
 * with {@code norm_first} then one more normalization.
 */
abstract class TokenStack extends Layer {
  private final int vocabulary;
  private final int dim;
  private final Integer padding;
  private final Layer norm;
  private final Dropout dropout;
  private final List<TorchBlock> blocks = new ArrayList<>();
  private Variable embedding;

  TokenStack(LayerType<?> type, Config config, LayerType<? extends TorchBlock> blockType) {
    super(type, config);
    vocabulary = args.positiveInt("vocab");
    dim = args.positiveInt("dim");
    int heads = args.positiveInt("heads");
    int count = args.positiveInt("layers");
    int hidden = args.positiveInt("ff", 4 * dim);
    double rate = args.fraction("dropout", 0.1);
    String activation = args.string("activation", "relu");
    boolean normFirst = args.bool("norm_first", false);
    padding = args.integerOrNull("padding", 0);
    Config c =
        Config.of(
            "d_model",
            dim,
            "nhead",
            heads,
            "dim_feedforward",
            hidden,
            "dropout",
            rate,
            "activation",
            activation,
            "norm_first",
            normFirst,
            "dtype",
            policy());
    for (int i = 0; i < count; i++) {
      blocks.add(Layer.fromConfig(blockType, c));
    }
    trackAll("layers", blocks);
    norm = normFirst ? track("norm", Parts.norm(1e-5, true, policy())) : null;
    dropout = rate == 0 ? null : track("dropout", Parts.dropout(rate, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    // small, for the table is multiplied by √dim on the way in and is the output's matrix too
    RandomNormal start = new RandomNormal(0, 1 / Math.sqrt(dim));
    embedding = b.addWeight("embedding", Shape.of(vocabulary, dim), start);
    Shape x = b.input().rank() == 2 ? b.input().plus(dim) : b.input();
    for (TorchBlock l : blocks) {
      b.build(l, x, x);
    }
    if (norm != null) {
      b.build(norm, x);
    }
  }

  final int vocabulary() {
    return vocabulary;
  }

  final int dim() {
    return dim;
  }

  final List<TorchBlock> blocks() {
    return blocks;
  }

  /** The table of tokens, {@code (vocab, dim)}. */
  final Tensor table() {
    return embedding.value();
  }

  /** True where a token is not padding; null without padding. */
  final Tensor keep(Tensor tokens) {
    return padding == null ? null : Ops.notEqual(tokens, padding);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(keep(inputs.get(0)));
  }

  /** The vectors of tokens at positions {@code first} and following. */
  final Tensor embed(Tensor tokens, int first) {
    if (tokens.rank() != 2) {
      throw new ShapeException(
          label() + ": expected tokens (batch, T). Received: " + tokens.shape() + ".");
    }
    Tensor x = Ops.lookUp(embedding.value(), tokens, label(), false).times(Math.sqrt(dim));
    x = x.plus(Sinusoid.table(first, tokens.dim(1), dim, x.dtype()));
    return dropout == null ? x : dropout.apply(x);
  }

  /** The last normalization, where blocks normalize first. */
  final Tensor last(Tensor x) {
    return norm == null ? x : norm.apply(x);
  }
}
