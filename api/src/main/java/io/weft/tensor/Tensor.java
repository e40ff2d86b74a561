package io.weft.tensor;

import io.weft.error.ShapeException;
import java.util.List;

/**
 * An immutable array of numbers, or the promise of one. Three kinds stand behind it: numbers in a
 * backend's storage, a value of a graph that is being captured, and the output of a layer or op in
 * a model graph. Everything that an op accepts is a Tensor; reading numbers from the last two kinds
 * is refused with the name of what they come from. Any thread may use a tensor with numbers.
 */
public abstract sealed class Tensor permits ArrayTensor, TracedTensor, KerasTensor {
  private final TensorSpec spec;
  private final Tensor mask;
  private final Tensor identity;

  Tensor(TensorSpec spec, Tensor mask, Tensor identity) {
    this.spec = spec;
    this.mask = mask;
    this.identity = identity == null ? this : identity;
  }

  // ---- making

  /**
   * Copies numbers into a float32 tensor; without sizes a vector (for scalars: {@link #scalar}).
   */
  public static Tensor of(float[] data, int... shape) {
    requireArray(data);
    return copy(DType.FLOAT32, data.clone(), data.length, shape);
  }

  public static Tensor of(double[] data, int... shape) {
    requireArray(data);
    return copy(DType.FLOAT64, data.clone(), data.length, shape);
  }

  public static Tensor of(int[] data, int... shape) {
    requireArray(data);
    return copy(DType.INT32, data.clone(), data.length, shape);
  }

  public static Tensor of(long[] data, int... shape) {
    requireArray(data);
    return copy(DType.INT64, data.clone(), data.length, shape);
  }

  public static Tensor of(boolean[] data, int... shape) {
    requireArray(data);
    byte[] b = new byte[data.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) (data[i] ? 1 : 0);
    }
    return copy(DType.BOOL, b, b.length, shape);
  }

  /** Strings live on the host only; few ops take them. */
  public static Tensor of(String[] data, int... shape) {
    requireArray(data);
    return copy(DType.STRING, data.clone(), data.length, shape);
  }

  private static void requireArray(Object data) {
    if (data == null) {
      throw new ShapeException("Tensor.of: expected an array. Received: null");
    }
  }

  public static Tensor scalar(float v) {
    return ofTrusted(new HostArray(DType.FLOAT32, Shape.SCALAR, new float[] {v}));
  }

  public static Tensor scalar(double v) {
    return ofTrusted(new HostArray(DType.FLOAT64, Shape.SCALAR, new double[] {v}));
  }

  public static Tensor scalar(int v) {
    return ofTrusted(new HostArray(DType.INT32, Shape.SCALAR, new int[] {v}));
  }

  public static Tensor scalar(long v) {
    return ofTrusted(new HostArray(DType.INT64, Shape.SCALAR, new long[] {v}));
  }

  public static Tensor scalar(boolean v) {
    return ofTrusted(new HostArray(DType.BOOL, Shape.SCALAR, new byte[] {(byte) (v ? 1 : 0)}));
  }

  /** A scalar of a dtype. */
  public static Tensor scalar(double v, DType dtype) {
    HostArray a = HostArray.zeros(dtype, Shape.SCALAR);
    a.set(0, v);
    return ofTrusted(a);
  }

  /** A tensor over an array that the caller gives away and never changes again. */
  public static Tensor ofTrusted(HostArray array) {
    return ArrayTensor.ofHost(array);
  }

  /** A tensor of an array's numbers, copied. */
  public static Tensor of(HostArray array) {
    return ofTrusted(
        new HostArray(array.dtype(), array.shape(), ArrayTensor.cloneArray(array.data())));
  }

  private static Tensor copy(DType dtype, Object data, int length, int[] shape) {
    return ofTrusted(
        new HostArray(dtype, shape.length == 0 ? Shape.of(length) : Shape.of(shape), data));
  }

  // ---- looking

  public final TensorSpec spec() {
    return spec;
  }

  public final Shape shape() {
    return spec.shape();
  }

  public final DType dtype() {
    return spec.dtype();
  }

  public final int rank() {
    return spec.shape().rank();
  }

  /** The size of an axis; negative axes count from the end. */
  public final int dim(int axis) {
    return spec.shape().dim(axis);
  }

  /** The mask that a layer attached, or null: boolean, true = keep. */
  public final Tensor mask() {
    return mask;
  }

  /** The same value with a mask, or without one (null). The result has this tensor's identity. */
  public abstract Tensor withMask(Tensor newMask);

  /** The object that stands for this value in maps; equal for a value and its masked views. */
  public final Tensor identity() {
    return identity;
  }

  /** A copy of the numbers; refused for traced and Keras tensors. */
  public abstract HostArray toHostArray();

  /** The numbers as float32, converted where the dtype is another one; always a copy. */
  public final float[] toFloatArray() {
    return (float[]) toHostArray().cast(DType.FLOAT32).data();
  }

  public final double[] toDoubleArray() {
    return (double[]) toHostArray().cast(DType.FLOAT64).data();
  }

  public final int[] toIntArray() {
    return (int[]) toHostArray().cast(DType.INT32).data();
  }

  public final long[] toLongArray() {
    return (long[]) toHostArray().cast(DType.INT64).data();
  }

  /** The only number of a tensor of one element. */
  public final double item() {
    HostArray a = toHostArray();
    if (a.size() != 1) {
      throw new IllegalStateException("item: expected one element. Received: shape " + shape());
    }
    return a.doubleAt(0);
  }

  // ---- computing; each is one call of Ops

  public final Tensor plus(Tensor o) {
    return Ops.add(this, o);
  }

  public final Tensor plus(double o) {
    return Ops.add(this, o);
  }

  public final Tensor minus(Tensor o) {
    return Ops.subtract(this, o);
  }

  public final Tensor minus(double o) {
    return Ops.subtract(this, o);
  }

  public final Tensor times(Tensor o) {
    return Ops.multiply(this, o);
  }

  public final Tensor times(double o) {
    return Ops.multiply(this, o);
  }

  public final Tensor divide(Tensor o) {
    return Ops.divide(this, o);
  }

  public final Tensor divide(double o) {
    return Ops.divide(this, o);
  }

  public final Tensor negate() {
    return Ops.negative(this);
  }

  public final Tensor matmul(Tensor o) {
    return Ops.matmul(this, o);
  }

  public final Tensor reshape(int... shape) {
    return Ops.reshape(this, shape);
  }

  /** Permutes the axes; without arguments reverses them. */
  public final Tensor transpose(int... axes) {
    return Ops.transpose(this, axes);
  }

  public final Tensor cast(DType dtype) {
    return Ops.cast(this, dtype);
  }

  /** NumPy indexing, such as {@code x.get(Index.all(), Index.at(0), Index.range(1, 3))}. */
  public final Tensor get(Index... indices) {
    return Ops.getItem(this, List.of(indices));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + spec + ")";
  }
}
