package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.models.Sequential;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What fusionlab's four Transformer layers share: attentions and a feed-forward network, each added
 * to its input and normalized (post-norm). Heads are {@code embed_dim} wide each.
 *
 * <p>The classes differ in options and attribute names only: those that end with Layer take the
 * activation and epsilon and have one dropout, after the network; those that end with Block use
 * relu and 1e-6 and drop after each attention too.
 */
abstract class TransformerLayer extends Layer {
  private final int embedDim;
  private final List<MultiHeadAttention> attentions = new ArrayList<>();
  private final List<LayerNormalization> norms = new ArrayList<>();
  private final List<Dropout> dropouts = new ArrayList<>();
  private final Sequential ffn;
  private final boolean block;
  private final Release release;

  /**
   * Reads the arguments and makes the parts.
   *
   * @param block whether this is one of the blocks
   * @param ffnName the network's name, null for an automatic one
   * @param attributes where the attentions lie
   */
  TransformerLayer(
      LayerType<?> type, Config config, boolean block, String ffnName, String... attributes) {
    super(type, config);
    this.block = block;
    embedDim = args.positiveInt("embed_dim");
    int heads = args.positiveInt("num_heads");
    int ffnDim = args.positiveInt("ffn_dim");
    double rate = args.fraction("dropout_rate", 0.1);
    Object activation = block ? "relu" : activation("ffn_activation", "relu");
    double epsilon = block ? 1e-6 : args.nonNegative("layer_norm_epsilon", 1e-6);
    release = block ? Release.V05 : Release.of(args);
    for (String a : attributes) {
      attentions.add(track(a, attention(heads, rate)));
    }
    ffn =
        track(
            "ffn",
            fromConfig(
                Sequential.TYPE,
                Config.of(
                    "name",
                    ffnName,
                    "dtype",
                    policy(),
                    "layers",
                    List.of(
                        Parts.dense(null, ffnDim, activation, policy()),
                        Parts.dense(null, embedDim, null, policy())))));
    for (int i = 1; i <= attributes.length + 1; i++) {
      norms.add(track("layernorm" + i, Parts.norm(epsilon, policy())));
    }
    for (int i = 1; i <= attributes.length + 1; i++) {
      if (block || i == attributes.length + 1) {
        dropouts.add(track(block ? "dropout" + i : "dropout_ffn", Parts.dropout(rate, policy())));
      }
    }
    setSupportsMasking(true);
  }

  /** Older releases run on Keras 2, where a query without any key attends to all evenly. */
  private MultiHeadAttention attention(int heads, double rate) {
    return fromConfig(
        MultiHeadAttention.TYPE,
        Config.of(
            "num_heads",
            heads,
            "key_dim",
            embedDim,
            "dropout",
            rate,
            "uniform_rows",
            release != Release.V05,
            "dtype",
            policy()));
  }

  @Override
  public final Config getConfig() {
    return release.noted(super.getConfig());
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    if (x.rank() != 3 || b.known(0, -1) != embedDim) {
      throw new ShapeException(
          label()
              + ": expected an input (batch, T, "
              + embedDim
              + "), as embed_dim says. Received: shape "
              + x);
    }
    for (int i = 0; i < attentions.size(); i++) {
      b.build(attentions.get(i), x, i == 0 ? x : b.input(i));
    }
    b.build(ffn, x);
    norms.forEach(n -> b.build(n, x));
    dropouts.forEach(d -> b.build(d, x));
  }

  /** x attends to itself or, for i &gt; 0, to {@code source}; the mask argument may be absent. */
  final Tensor attend(int i, Tensor x, Tensor source, String maskName, CallContext ctx) {
    Tensor mask = ctx.args().tensor(maskName);
    CallArgs a = mask == null ? CallArgs.NONE : CallArgs.of("attention_mask", mask);
    Tensor y = attentions.get(i).apply(List.of(x, source), a);
    return norms.get(i).apply(x.plus(block ? dropouts.get(i).apply(y) : y));
  }

  /** The network's part. */
  final Tensor feed(Tensor x) {
    int last = norms.size() - 1;
    Tensor y = dropouts.get(dropouts.size() - 1).apply(ffn.apply(x));
    return norms.get(last).apply(x.plus(y));
  }

  /** What a decoder does with {@code x} and the encoder's output. */
  final List<Tensor> decoded(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() != 2) {
      throw new ShapeException(
          label()
              + ": expected x and the encoder's output. Received: "
              + inputs.size()
              + " inputs");
    }
    Tensor x = inputs.get(0);
    Tensor y = attend(0, x, x, "look_ahead_mask", ctx);
    return List.of(feed(attend(1, y, inputs.get(1), "padding_mask", ctx)));
  }

  /**
   * Optional settings that the two take whose names end with Layer.
   *
   * @param <L> the layer
   * @param <B> the builder itself
   */
  abstract static class LayerOptions<L extends Layer, B extends LayerOptions<L, B>>
      extends Options<L, B> {
    LayerOptions(int embedDim, int numHeads, int ffnDim) {
      super(embedDim, numHeads, ffnDim);
    }

    /** The activation of the feed-forward network, by name or object; default relu. */
    public final B ffnActivation(Object activation) {
      return set("ffn_activation", activation);
    }

    /** Added to variances by the normalizations; default 1e-6. */
    public final B layerNormEpsilon(double epsilon) {
      return set("layer_norm_epsilon", epsilon);
    }
  }

  /**
   * Optional settings that all four take.
   *
   * @param <L> the layer
   * @param <B> the builder itself
   */
  abstract static class Options<L extends Layer, B extends Options<L, B>>
      extends Layer.Builder<L, B> {
    Options(int embedDim, int numHeads, int ffnDim) {
      set("embed_dim", embedDim).set("num_heads", numHeads).set("ffn_dim", ffnDim);
    }

    /** Share of attention weights and results dropped in training, in [0, 1); default 0.1. */
    public final B dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }
  }
}
