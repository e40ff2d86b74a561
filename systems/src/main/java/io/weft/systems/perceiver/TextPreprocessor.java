package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.TruncatedNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.Collections;
import java.util.List;

/**
 * Makes an array of text: a learned vector for each token plus one for its position.
 *
 * <p>Input: tokens {@code (batch, T)}, {@code T ≤ max_length}. Output: {@code (batch, T,
 * channels)}; with {@code padding} a token, its mask is {@code token ≠ padding}. Weights: {@code
 * embeddings (vocab, channels)}, {@code positions (max_length, channels)}.
 */
public final class TextPreprocessor extends UnaryLayer {
  public static final LayerType<TextPreprocessor> TYPE =
      LayerType.custom("perceiver", "TextPreprocessor", TextPreprocessor::new);

  private final int vocabulary;
  private final int maxLength;
  private final int channels;
  private final Integer padding;
  private Variable embeddings;
  private Variable positions;

  /** Without padding. */
  public TextPreprocessor(int vocabulary, int maxLength, int channels) {
    this(Config.of("vocab", vocabulary, "max_length", maxLength, "channels", channels));
  }

  /** Restores a layer from its config. */
  public TextPreprocessor(Config config) {
    super(TYPE, config);
    vocabulary = args.positiveInt("vocab");
    maxLength = args.positiveInt("max_length");
    channels = args.positiveInt("channels");
    padding = args.integerOrNull("padding", null);
    setSupportsMasking(padding != null);
  }

  @Override
  protected void build(BuildContext b) {
    TruncatedNormal start = new TruncatedNormal(0, 0.02);
    embeddings = b.addWeight("embeddings", Shape.of(vocabulary, channels), start);
    positions = b.addWeight("positions", Shape.of(maxLength, channels), start);
  }

  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    Shape s = inputs.get(0);
    return s.rank() == 2 && s.dim(1) < 0 ? List.of(s.withDim(1, 1)) : inputs;
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, Shape inferred) {
    return inferred.withDim(1, inputs.get(0).dim(1));
  }

  @Override
  public Tensor call(Tensor tokens, CallContext ctx) {
    if (tokens.rank() != 2 || tokens.dim(1) > maxLength) {
      throw new ShapeException(
          label()
              + ": expected tokens (batch, T) with T up to "
              + maxLength
              + ". Received: "
              + tokens.shape()
              + ". Raise max_length or cut the text.");
    }
    Tensor at = Ops.slice(positions.value(), new int[] {0, 0}, new int[] {tokens.dim(1), channels});
    return Ops.lookUp(embeddings.value(), tokens, label(), false).plus(at);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(Ops.notEqual(inputs.get(0), padding));
  }
}
