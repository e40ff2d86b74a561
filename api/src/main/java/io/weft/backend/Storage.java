package io.weft.backend;

import io.weft.tensor.DType;

/**
 * A block of numbers owned by a backend; immutable once a tensor holds it. Any thread may read it.
 */
public interface Storage {
  DType dtype();

  long size();

  Backend backend();
}
