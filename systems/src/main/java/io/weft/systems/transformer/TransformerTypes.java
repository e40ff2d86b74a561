package io.weft.systems.transformer;

import io.weft.config.Entry;
import io.weft.systems.core.MultiHead;
import java.util.List;

/** The classes of this package that a config may name, and the attention they are made of. */
public final class TransformerTypes {
  private TransformerTypes() {}

  public static List<Entry<?>> all() {
    return List.of(
        MultiHead.TYPE,
        TransformerEncoderBlock.TYPE,
        TransformerDecoderBlock.TYPE,
        TransformerEncoder.TYPE,
        TransformerDecoder.TYPE,
        GreedyDecoder.TYPE,
        Transformer.TYPE);
  }
}
