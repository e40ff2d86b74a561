package io.weft.systems.crossvit;

import io.weft.config.Entry;
import java.util.List;

/** The rows of CrossViT's classes. */
public final class CrossvitTypes {
  /** The package under which the classes are registered. */
  static final String PACKAGE = "crossvit";

  private CrossvitTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    return List.of(
        ClassTokenAttention.TYPE,
        CrossViTFusion.TYPE,
        EncoderBlock.TYPE,
        MultiScaleBlock.TYPE,
        CrossViT.TYPE);
  }
}
