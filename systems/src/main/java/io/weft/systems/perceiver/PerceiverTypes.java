package io.weft.systems.perceiver;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this package that a config may name. */
public final class PerceiverTypes {
  private PerceiverTypes() {}

  public static List<Entry<?>> all() {
    return List.of(
        PerceiverBlock.TYPE,
        PerceiverEncoder.TYPE,
        PerceiverDecoder.TYPE,
        PerceiverModel.TYPE,
        Perceiver.TYPE,
        PerceiverIO.TYPE,
        ArrayPreprocessor.TYPE,
        TextPreprocessor.TYPE,
        Modalities.TYPE,
        SplitModalities.TYPE,
        TrainableQueries.TYPE,
        FourierPositionEncoding.TYPE);
  }
}
