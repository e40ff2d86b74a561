package io.weft.tensor;

import io.weft.backend.Backends;
import io.weft.backend.Storage;

/** A tensor with numbers, in a backend's storage; strings stay in the host array. */
public final class ArrayTensor extends Tensor {
  private final Storage storage;
  private final HostArray strings;

  private ArrayTensor(
      TensorSpec spec, Storage storage, HostArray strings, Tensor mask, Tensor identity) {
    super(spec, mask, identity);
    this.storage = storage;
    this.strings = strings;
  }

  static ArrayTensor ofHost(HostArray a) {
    TensorSpec spec = new TensorSpec(a.shape(), a.dtype());
    return a.dtype() == DType.STRING
        ? new ArrayTensor(spec, null, a, null, null)
        : new ArrayTensor(spec, Backends.current().upload(a, true), null, null, null);
  }

  /** A tensor over storage that nobody changes any more. */
  public static ArrayTensor of(Storage storage, Shape shape) {
    return new ArrayTensor(new TensorSpec(shape, storage.dtype()), storage, null, null, null);
  }

  /** {@link #of(Storage, Shape)} for a spec that is known already. */
  public static ArrayTensor of(Storage storage, TensorSpec spec) {
    return new ArrayTensor(spec, storage, null, null, null);
  }

  static Object cloneArray(Object array) {
    int n = java.lang.reflect.Array.getLength(array);
    Object copy = java.lang.reflect.Array.newInstance(array.getClass().getComponentType(), n);
    System.arraycopy(array, 0, copy, 0, n);
    return copy;
  }

  /** The backend's block; refused for strings. */
  public Storage storage() {
    if (storage == null) {
      throw new io.weft.error.UnsupportedFeatureException(
          "A string tensor lives on the host only; map it to numbers first, with StringLookup for"
              + " example.");
    }
    return storage;
  }

  /** The backend's block, or null for strings. */
  Storage storageOrNull() {
    return storage;
  }

  /** Notes that the numbers are in more hands than a variable's and must stay as they are. */
  void share() {
    if (storage != null && !storage.isShared()) {
      storage.share();
    }
  }

  /** The same numbers in another shape; nothing is copied. */
  ArrayTensor reshaped(Shape shape) {
    return strings != null ? ofHost(strings.reshape(shape)) : of(storage, shape);
  }

  /**
   * The same numbers as a value of its own, without a mask: gradients go by identity, and two
   * variables that were given one tensor are still two.
   */
  ArrayTensor alone() {
    return new ArrayTensor(spec(), storage, strings, null, null);
  }

  @Override
  public Tensor withMask(Tensor newMask) {
    return new ArrayTensor(spec(), storage, strings, newMask, identity());
  }

  @Override
  public HostArray toHostArray() {
    if (strings != null) {
      return new HostArray(DType.STRING, shape(), cloneArray(strings.data()));
    }
    return storage.backend().download(storage, shape());
  }
}
