package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.layer.Activation;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import java.util.List;
import java.util.Locale;

/** A projected layer whose inputs are all of one width, with an activation behind it. */
abstract class SequenceLayer extends ProjectedLayer {
  private final int sequenceLength;
  private final int embeddingDimension;
  private Activation activation;

  SequenceLayer(LayerType<?> type, Config config) {
    super(type, config);
    sequenceLength = args.positiveInt("sequenceLength");
    embeddingDimension = args.positiveInt("embeddingDimension");
    int headCount = args.positiveInt("headCount");
    widths(embeddingDimension, embeddingDimension, headCount);
  }

  /** Reads the activation, at the place that it has among a class' arguments. */
  final void readActivation() {
    activation = activation("activation", "linear");
  }

  final Activation activation() {
    return activation;
  }

  final int headDimension() {
    return embeddingDimension / heads();
  }

  /** The activation in the original's words. */
  @Override
  final String activationName() {
    Object name = activation.serialized();
    if (!(name instanceof String s)) {
      return activation.getClass().getSimpleName();
    }
    String word = s.equals("linear") ? "identity" : s;
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1) + "Activation";
  }

  @Override
  final List<Shape> declaredShapes() {
    return List.of(Shape.of(1, sequenceLength, embeddingDimension));
  }

  @Override
  final Shape shownShape() {
    return Shape.of(sequenceLength, embeddingDimension);
  }

  /** Optional settings of these layers. */
  abstract static class SequenceOptions<L extends SequenceLayer, B extends SequenceOptions<L, B>>
      extends Options<L, B> {
    SequenceOptions(int sequenceLength, int embeddingDimension, int headCount) {
      set("sequenceLength", sequenceLength)
          .set("embeddingDimension", embeddingDimension)
          .set("headCount", headCount);
    }

    /** What is applied to the output, by name or object; default nothing. */
    public final B activation(Object activation) {
      return set("activation", activation);
    }
  }
}
