package io.weft.systems.selfdoc;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this package that a config may name. */
public final class SelfDocTypes {
  private SelfDocTypes() {}

  public static List<Entry<?>> all() {
    return List.of(MixedSourceAttention.TYPE, CrossModalityEncoderLayer.TYPE, ModalityFusion.TYPE);
  }
}
