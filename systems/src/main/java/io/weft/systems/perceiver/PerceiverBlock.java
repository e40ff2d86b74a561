package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.MultiHead;
import io.weft.systems.core.Parts;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The attention block of Perceiver (Jaegle et al. 2021, arXiv 2103.03206): {@code x = q +
 * Attention(LN(q), LN(kv)); y = x + MLP(LN(x))}, {@code MLP = down(act(up))}, {@code widening}
 * times as wide inside. Without {@code kv} it is a self-attention block.
 *
 * <p>Inputs: {@code q (batch, T, q)}, {@code kv (batch, S, kv)}. Output: {@code (batch, T, q)}.
 * Call argument: {@code mask (batch, T, S)} or {@code (batch, S)}, true = may attend; a query
 * without any key gets zero, as DeepMind's code has it ({@code zeroMaskedRows}).
 *
 * <p>Queries and keys have the width of {@code kv} ({@code shape="kv"}) or of {@code q} unless
 * {@code qkChannels} says it, values that of queries unless {@code vChannels} says it. {@code
 * queryResidual=false} leaves {@code q +} away, as in decoders. Weights: norms of q and kv, q, k,
 * v, output (kernel and bias each), norm, up, down; named as in the formulas or, with {@code
 * names="huggingface"}, as in {@code PerceiverLayer}.
 */
public final class PerceiverBlock extends Layer {
  public static final LayerType<PerceiverBlock> TYPE =
      LayerType.custom("perceiver", "PerceiverCross", PerceiverBlock::new)
          .inputs("q", "kv")
          .args("mask", "training");

  private static final List<String> HUGGING_FACE =
      List.of("self.query", "self.key", "self.value", "output.dense");

  private final int width;
  private final Integer contextWidth;
  private final int hidden;
  private final boolean residual;
  private final Layer queryNorm;
  private final Layer contextNorm;
  private final MultiHead attention;
  private final Layer norm;
  private final Dense up;
  private final Dense down;
  private final UnaryOperator<Tensor> activation;
  private final Dropout dropout;

  /** Restores a layer from its config. */
  public PerceiverBlock(Config config) {
    super(TYPE, config);
    width = args.positiveInt("q");
    contextWidth = args.integerOrNull("kv", null);
    int heads = args.positiveInt("heads", 8);
    int widening = args.positiveInt("widening", 1);
    String shape = args.oneOf("shape", "kv", "kv", "q");
    residual = args.bool("queryResidual", true);
    int usual = shape.equals("q") || contextWidth == null ? width : contextWidth;
    Integer qk = args.integerOrNull("qkChannels", null);
    Integer v = args.integerOrNull("vChannels", null);
    activation = Parts.activation(args.string("activation", "gelu_tanh"));
    double rate = args.fraction("dropout", 0.0);
    double attentionRate = args.fraction("attentionDropout", 0.0);
    double epsilon = args.nonNegative("epsilon", 1e-5);
    boolean zero = args.bool("zeroMaskedRows", true);
    boolean hugging = args.oneOf("names", "formulas", "formulas", "huggingface").length() > 8;
    String before = hugging ? "attention.self.layernorm" : "norm";
    boolean cross = contextWidth != null;
    hidden = widening * width;
    queryNorm =
        track(before + (hugging || !cross ? "1" : "_q"), Parts.norm(epsilon, true, policy()));
    contextNorm =
        cross ? track(before + (hugging ? "2" : "_kv"), Parts.norm(epsilon, true, policy())) : null;
    Config c =
        Config.of(
            "heads",
            heads,
            "qk_channels",
            qk == null ? usual : qk,
            "v_channels",
            v != null ? v : qk == null ? usual : qk,
            "output_channels",
            width,
            "dropout",
            attentionRate,
            "zero_masked_rows",
            zero,
            "names",
            hugging ? HUGGING_FACE : MultiHead.QKVO,
            "dtype",
            policy());
    attention = track("attention", Layer.fromConfig(MultiHead.TYPE, c));
    String after = hugging ? "layernorm" : cross ? "norm" : "norm2";
    norm = track(after, Parts.norm(epsilon, true, policy()));
    up = track(hugging ? "mlp.dense1" : "mlp.up", Parts.dense(hidden, true, policy()));
    down = track(hugging ? "mlp.dense2" : "mlp.down", Parts.dense(width, true, policy()));
    dropout = rate == 0 ? null : track("dropout", Parts.dropout(rate, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    Shape q = b.input(0).withDim(-1, width);
    b.build(queryNorm, q);
    if (contextWidth == null) {
      b.build(attention, q);
    } else {
      Shape kv = Shape.of(q.dim(0), Shape.UNKNOWN, contextWidth);
      b.build(contextNorm, kv);
      b.build(attention, q, kv);
    }
    b.build(norm, q);
    b.build(up, q);
    b.build(down, q.withDim(-1, hidden));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    boolean cross = contextWidth != null;
    if (in.size() != (cross ? 2 : 1)) {
      throw new ShapeException(
          label() + ": expected " + (cross ? "q and kv" : "q alone") + ". Received: " + in.size());
    }
    Tensor q = features("q", in.get(0), width);
    CallArgs a = CallArgs.NONE;
    if (ctx.args().tensor("mask") != null) {
      a = CallArgs.of("attention_mask", ctx.args().tensor("mask"));
    }
    Tensor query = queryNorm.apply(q);
    Tensor y =
        cross
            ? attention.apply(
                List.of(query, contextNorm.apply(features("kv", in.get(1), contextWidth))), a)
            : attention.apply(query, a);
    y = drop(y);
    Tensor x = residual ? q.plus(y) : y;
    return List.of(x.plus(drop(down.apply(activation.apply(up.apply(norm.apply(x)))))));
  }

  private Tensor drop(Tensor x) {
    return dropout == null ? x : dropout.apply(x);
  }

  private Tensor features(String what, Tensor x, int count) {
    if (x.rank() != 3 || x.dim(2) != count) {
      throw new ShapeException(
          label()
              + ": "
              + what
              + ": expected (batch, tokens, "
              + count
              + "). Received: "
              + x.shape()
              + ".");
    }
    return x;
  }
}
