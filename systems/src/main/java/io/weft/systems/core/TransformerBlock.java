package io.weft.systems.core;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One block of a transformer: self-attention, cross-attention if it has one, feed-forward, each
 * with a residual around it and a normalization after the sum (Vaswani et al. 2017: {@code LN(x +
 * f(x))}) or before the part ({@code x + f(LN(x))}). Subclasses read their config, choose the parts
 * and their attribute names in the constructor, and say in {@code call} what attends to what.
 */
public abstract class TransformerBlock extends Layer {
  private boolean normFirst;
  private int width;
  private Supplier<Layer> norms;
  private Dropout dropout;
  private MultiHead self;
  private Layer selfNorm;
  private MultiHead cross;
  private Layer crossNorm;
  private int contextWidth;
  private Dense up;
  private Dense gate;
  private Dense down;
  private Layer feedNorm;
  private UnaryOperator<Tensor> activation;
  private Dropout innerDropout;

  protected TransformerBlock(LayerType<?> type, Config config) {
    super(type, config);
    setSupportsMasking(true);
  }

  /** What all parts share: features in and out, order, normalization, dropout of each part. */
  protected final void parts(
      int features, boolean normalizeFirst, double dropoutRate, Supplier<Layer> normalization) {
    width = features;
    normFirst = normalizeFirst;
    norms = normalization;
    dropout = drop("dropout", dropoutRate);
  }

  /** An attention over {@code width} features; {@code more} adds to its config. */
  protected final MultiHead attention(int heads, int channels, double rate, Config more) {
    Config c =
        Config.of(
            "heads",
            heads,
            "qk_channels",
            channels,
            "output_channels",
            width,
            "dropout",
            rate,
            "dtype",
            policy());
    return Layer.fromConfig(MultiHead.TYPE, c.plus(more));
  }

  protected final void selfAttention(String attribute, String norm, MultiHead attention) {
    self = track(attribute, attention);
    selfNorm = track(norm, norms.get());
  }

  /** Cross-attention to a context of some width. */
  protected final void crossAttention(
      String attribute, String norm, MultiHead attention, int contextFeatures) {
    cross = track(attribute, attention);
    crossNorm = track(norm, norms.get());
    contextWidth = contextFeatures;
  }

  /**
   * The feed-forward part {@code down(act(up x))}, or with a gate {@code down(act(gate x) ⊙ up x)}.
   *
   * @param gateName attribute of the gate, or null
   * @param function an activation by name; see {@link Parts#activation}
   */
  protected final void feedForward(
      String upName,
      String gateName,
      String downName,
      String norm,
      int hidden,
      boolean bias,
      String function,
      double rate) {
    if (gateName != null) {
      gate = track(gateName, Parts.dense(hidden, bias, policy()));
    }
    up = track(upName, Parts.dense(hidden, bias, policy()));
    down = track(downName, Parts.dense(width, bias, policy()));
    feedNorm = track(norm, norms.get());
    activation = Parts.activation(function);
    innerDropout = drop("activation_dropout", rate);
  }

  private Dropout drop(String attribute, double rate) {
    return rate == 0 ? null : track(attribute, Parts.dropout(rate, policy()));
  }

  /** Whether the block attends to a context. */
  public final boolean hasCrossAttention() {
    return cross != null;
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input().withDim(-1, width);
    b.build(self, x);
    b.build(selfNorm, x);
    if (cross != null) {
      Shape context = Shape.of(x.dim(0), Shape.UNKNOWN, contextWidth);
      b.build(cross, x, b.inputs().size() > 1 ? b.input(1) : context);
      b.build(crossNorm, x);
    }
    if (gate != null) {
      b.build(gate, x);
    }
    b.build(up, x);
    b.build(down, x.withDim(-1, up.getConfig().get("units") instanceof Long u ? u.intValue() : -1));
    b.build(feedNorm, x);
  }

  /**
   * The block on {@code x (batch, T, features)}.
   *
   * @param context (batch, S, context features), or null: then the cross-attention is left out
   * @param selfArgs arguments for the self-attention
   * @param crossArgs arguments for the cross-attention
   * @return the result and, if {@code crossArgs} ask for them, the weights of cross-attention
   */
  protected final List<Tensor> run(
      Tensor x, Tensor context, CallArgs selfArgs, CallArgs crossArgs) {
    if (x.rank() != 3 || x.dim(2) != width) {
      throw new ShapeException(
          label() + ": expected (batch, tokens, " + width + "). Received: " + x.shape() + ".");
    }
    Tensor a = around(x, selfNorm, y -> self.apply(y, selfArgs));
    Tensor[] scores = new Tensor[1];
    if (context != null) {
      Tensor c = Ops.cast(context, policy().compute());
      a =
          around(
              a,
              crossNorm,
              y -> {
                List<Tensor> out = cross.applyAll(List.of(y, c), crossArgs);
                scores[0] = out.size() > 1 ? out.get(1) : null;
                return out.get(0);
              });
    }
    Tensor y = around(a, feedNorm, this::feedForward);
    return scores[0] == null ? List.of(y) : List.of(y, scores[0]);
  }

  private Tensor around(Tensor x, Layer norm, UnaryOperator<Tensor> part) {
    Tensor f = part.apply(normFirst ? norm.apply(x) : x);
    Tensor sum = x.plus(dropout == null ? f : dropout.apply(f));
    return normFirst ? sum : norm.apply(sum);
  }

  private Tensor feedForward(Tensor x) {
    Tensor h =
        gate == null
            ? activation.apply(up.apply(x))
            : activation.apply(gate.apply(x)).times(up.apply(x));
    return down.apply(innerDropout == null ? h : innerDropout.apply(h));
  }
}
