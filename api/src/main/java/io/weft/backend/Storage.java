package io.weft.backend;

import io.weft.tensor.DType;
import java.util.List;

/**
 * A block of numbers owned by a backend; immutable once a tensor holds it. Any thread may read it.
 */
public interface Storage {
  DType dtype();

  long size();

  Backend backend();

  /**
   * Whether others than one variable may hold this block. A block that is not shared, and that its
   * variable has given up, may be written again by a run (see {@link Backend#run(Executable, List,
   * Storage[])}). Always true for backends that do not reuse blocks.
   */
  default boolean isShared() {
    return true;
  }

  /** Makes {@link #isShared} true for good; visible to all threads. */
  default void share() {}
}
