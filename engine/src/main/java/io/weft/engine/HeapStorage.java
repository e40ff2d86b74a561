package io.weft.engine;

import io.weft.backend.Backend;
import io.weft.backend.Storage;
import io.weft.tensor.DType;
import java.lang.reflect.Array;

/** Numbers in one Java array of {@link DType#arrayType()}. */
final class HeapStorage implements Storage {
  private final Backend backend;
  private final DType dtype;
  final Object data;

  private volatile boolean shared;

  /**
   * @param shared whether others may hold the array already
   */
  HeapStorage(Backend backend, DType dtype, Object data, boolean shared) {
    this.backend = backend;
    this.dtype = dtype;
    this.data = data;
    this.shared = shared;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long size() {
    return Array.getLength(data);
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public boolean isShared() {
    return shared;
  }

  @Override
  public void share() {
    shared = true;
  }
}
