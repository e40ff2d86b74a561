package io.weft.systems.allattention;

import io.weft.config.Entry;
import java.util.List;

/** The rows of the layers with a persistent memory. */
public final class AllattentionTypes {
  /** The package under which the classes are registered. */
  static final String PACKAGE = "allattention";

  private AllattentionTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    return List.of(AllAttention.TYPE, MemoryKeyValueAttention.TYPE);
  }
}
