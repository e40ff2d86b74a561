package io.weft.systems.retro;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this package that a config may name. */
public final class RetroTypes {
  private RetroTypes() {}

  public static List<Entry<?>> all() {
    return List.of(
        ChunkedCrossAttention.TYPE, RetroBlock.TYPE, RetroEncoder.TYPE, RetroDecoder.TYPE);
  }
}
