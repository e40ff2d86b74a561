package io.weft.systems.bert;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this package that a config may name. */
public final class BertTypes {
  private BertTypes() {}

  public static List<Entry<?>> all() {
    return List.of(
        BertLayer.TYPE,
        BertModel.TYPE,
        BertDecoder.TYPE,
        BartDecoderLayer.TYPE,
        T5Block.TYPE,
        DistanceScores.TYPE,
        RelativeBias.TYPE);
  }
}
