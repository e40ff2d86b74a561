package io.weft.systems.diffusers;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this family that a config may name. */
public final class DiffusersTypes {
  private DiffusersTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    return List.of(DiffusersAttention.TYPE);
  }
}
