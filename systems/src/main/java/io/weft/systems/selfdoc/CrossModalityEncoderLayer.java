package io.weft.systems.selfdoc;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.systems.core.Parts;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A layer of SelfDoc's cross-modality encoder (Li et al. 2021, arXiv 2106.03331, 3.3). Language L
 * and vision V describe the same blocks of a document; each reads the other twice: first its own
 * values weighed by the other's keys, then the other's keys and values; then a feed-forward part.
 * Each part has a residual and a normalization after it, each modality weights of its own.
 *
 * <pre>{@code
 * L₁ = LN(L + softmax(q(L) k(V)ᵀ) v(L))     V₁ = LN(V + softmax(q(V) k(L)ᵀ) v(V))
 * L₂ = LN(L₁ + softmax(q(L₁) k(V₁)ᵀ) v(V₁))  V₂ = LN(V₁ + softmax(q(V₁) k(L₁)ᵀ) v(L₁))
 * L₃ = LN(L₂ + down(gelu(up(L₂))))           V₃ = LN(V₂ + down(gelu(up(V₂))))
 * }</pre>
 *
 * <p>No code of the original is public; the paper leaves the order of the two steps open, so {@code
 * order} may also be {@code foreign_value_first}.
 *
 * <p>Inputs: language and vision {@code (batch, N, dim)}. Outputs: the same shapes. Call arguments:
 * {@code language_mask}, {@code vision_mask (batch, N)}, true = a block. Weights, for language then
 * vision: first attention, norm1, second attention, norm2, up, down, norm3.
 */
public final class CrossModalityEncoderLayer extends Layer {
  public static final LayerType<CrossModalityEncoderLayer> TYPE =
      LayerType.custom("selfdoc", "CrossModalityEncoderLayer", CrossModalityEncoderLayer::new)
          .inputs("language", "vision")
          .args("language_mask", "vision_mask", "training");

  /** What one modality has. */
  private record Stream(
      MixedSourceAttention first,
      Layer norm1,
      MixedSourceAttention second,
      Layer norm2,
      Dense up,
      Dense down,
      Layer norm3) {}

  private final int dim;
  private final int hidden;
  private final Stream language;
  private final Stream vision;
  private final UnaryOperator<Tensor> activation;
  private final Dropout dropout;

  /** A layer in the default order. */
  public CrossModalityEncoderLayer(int dim, int heads, int feedForward) {
    this(Config.of("dim", dim, "heads", heads, "feedForward", feedForward));
  }

  /** Restores a layer from its config. */
  public CrossModalityEncoderLayer(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    int heads = args.positiveInt("heads");
    hidden = args.positiveInt("feedForward", 4 * dim);
    activation = Parts.activation(args.string("activation", "gelu"));
    double rate = args.fraction("dropout", 0.0);
    double epsilon = args.nonNegative("epsilon", 1e-5);
    boolean ownFirst =
        args.oneOf("order", "own_value_first", "own_value_first", "foreign_value_first")
            .startsWith("own");
    language = stream("language", heads, rate, epsilon, ownFirst);
    vision = stream("vision", heads, rate, epsilon, ownFirst);
    dropout = rate == 0 ? null : track("dropout", Parts.dropout(rate, policy()));
  }

  private Stream stream(String name, int heads, double rate, double epsilon, boolean ownFirst) {
    return new Stream(
        track(name + ".first", attention(heads, rate, ownFirst)),
        track(name + ".norm1", Parts.norm(epsilon, true, policy())),
        track(name + ".second", attention(heads, rate, !ownFirst)),
        track(name + ".norm2", Parts.norm(epsilon, true, policy())),
        track(name + ".up", Parts.dense(hidden, true, policy())),
        track(name + ".down", Parts.dense(dim, true, policy())),
        track(name + ".norm3", Parts.norm(epsilon, true, policy())));
  }

  private MixedSourceAttention attention(int heads, double rate, boolean ownValue) {
    Config c =
        Config.of(
            "dim",
            dim,
            "heads",
            heads,
            "dropout",
            rate,
            "sources",
            new int[] {0, 1, ownValue ? 0 : 1},
            "dtype",
            policy());
    return Layer.fromConfig(MixedSourceAttention.TYPE, c);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input(0).withDim(-1, dim);
    for (Stream s : List.of(language, vision)) {
      b.build(s.first, x, x);
      b.build(s.norm1, x);
      b.build(s.second, x, x);
      b.build(s.norm2, x);
      b.build(s.up, x);
      b.build(s.down, x.withDim(-1, hidden));
      b.build(s.norm3, x);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != 2) {
      throw new ShapeException(
          label() + ": expected language and vision. Received: " + in.size() + " inputs.");
    }
    Tensor l = in.get(0);
    Tensor v = in.get(1);
    if (!l.shape().equals(v.shape()) || l.rank() != 3 || l.dim(2) != dim) {
      throw new ShapeException(
          label()
              + ": expected language and vision of the same blocks, (batch, blocks, "
              + dim
              + "). Received: "
              + l.shape()
              + " and "
              + v.shape()
              + ".");
    }
    Tensor lm = ctx.args().tensor("language_mask");
    Tensor vm = ctx.args().tensor("vision_mask");
    Tensor l1 = read(language.first, language.norm1, l, v, vm);
    Tensor v1 = read(vision.first, vision.norm1, v, l, lm);
    Tensor l2 = read(language.second, language.norm2, l1, v1, vm);
    Tensor v2 = read(vision.second, vision.norm2, v1, l1, lm);
    return List.of(feedForward(language, l2), feedForward(vision, v2));
  }

  private Tensor read(
      MixedSourceAttention attention, Layer norm, Tensor own, Tensor other, Tensor mask) {
    CallArgs a = mask == null ? CallArgs.NONE : CallArgs.of("attention_mask", mask);
    return norm.apply(own.plus(drop(attention.apply(List.of(own, other), a))));
  }

  private Tensor feedForward(Stream s, Tensor x) {
    return s.norm3.apply(x.plus(drop(s.down.apply(activation.apply(s.up.apply(x))))));
  }

  private Tensor drop(Tensor x) {
    return dropout == null ? x : dropout.apply(x);
  }
}
