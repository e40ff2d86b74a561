package io.weft.systems.aidotnet;

import io.weft.config.Entry;
import java.util.List;

/** The rows of AiDotNet's classes. */
public final class AidotnetTypes {
  /** The package under which the classes are registered. */
  static final String PACKAGE = "aidotnet";

  private AidotnetTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    return List.of(
        CrossAttentionLayer.TYPE,
        DiffusionCrossAttention.TYPE,
        DiffusionAttention.TYPE,
        DiffusionAttentionLayer.TYPE,
        MultiHeadAttentionLayer.TYPE,
        FlashAttention.TYPE,
        FlashAttentionLayer.TYPE);
  }
}
