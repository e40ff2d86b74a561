package io.weft.engine;

import io.weft.backend.Backend;
import io.weft.backend.Storage;
import io.weft.engine.op.Kernel.Preparation;
import io.weft.tensor.DType;
import java.lang.ref.SoftReference;
import java.lang.reflect.Array;

/** Numbers in one Java array of {@link DType#arrayType()}. */
final class HeapStorage implements Storage {
  private final Backend backend;
  private final DType dtype;
  final Object data;

  private volatile boolean shared;
  private volatile Form forms;

  /**
   * @param shared whether others may hold the array already
   */
  HeapStorage(Backend backend, DType dtype, Object data, boolean shared) {
    this.backend = backend;
    this.dtype = dtype;
    this.data = data;
    this.shared = shared;
  }

  /**
   * Another form of the array from the second time on that it is asked for, kept while memory
   * lasts; null the first time, because the weights of a training step are read once.
   */
  Object prepared(Preparation preparation) {
    for (Form f = forms; f != null; f = f.next) {
      if (f.preparation.equals(preparation)) {
        Object made = f.made == null ? null : f.made.get();
        if (made == null) {
          made = preparation.of(data);
          f.made = new SoftReference<>(made);
        }
        return made;
      }
    }
    synchronized (this) {
      forms = new Form(preparation, forms);
    }
    return null;
  }

  private static final class Form {
    final Preparation preparation;
    final Form next;
    volatile SoftReference<Object> made;

    Form(Preparation preparation, Form next) {
      this.preparation = preparation;
      this.next = next;
    }
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
