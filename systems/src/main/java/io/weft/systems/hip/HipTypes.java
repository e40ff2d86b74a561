package io.weft.systems.hip;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this package that a config may name. */
public final class HipTypes {
  private HipTypes() {}

  public static List<Entry<?>> all() {
    return List.of(Regroup.TYPE, HiPBlock.TYPE, HierarchicalPerceiver.TYPE);
  }
}
