package io.weft.serialization.legacy;

import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * An array of a file under its name; what is done to it is done when it is read.
 *
 * @param name the name in the file
 * @param dtype the element type
 * @param shape the shape after all that is to be done
 * @param read gives the elements
 */
record StoredArray(String name, DType dtype, Shape shape, Supplier<HostArray> read) {
  static StoredArray of(String name, Hdf5Dataset d) {
    return new StoredArray(name, d.dtype(), d.shape(), d::read);
  }

  /** The elements in another shape. */
  StoredArray reshaped(int... dims) {
    Shape to = Shape.of(dims);
    return new StoredArray(name, dtype, to, () -> read.get().reshape(to));
  }

  /** The axes in another order. */
  StoredArray transposed(int... axes) {
    int[] dims = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      dims[i] = shape.dim(axes[i]);
    }
    Shape to = Shape.of(dims);
    return new StoredArray(name, dtype, to, () -> transpose(read.get(), axes, to));
  }

  private static HostArray transpose(HostArray a, int[] axes, Shape to) {
    int rank = axes.length;
    int[] stride = new int[rank];
    for (int i = 0; i < rank; i++) {
      stride[i] = a.shape().product(axes[i] + 1, rank);
    }
    HostArray out = HostArray.zeros(a.dtype(), to);
    int[] index = new int[rank];
    int from = 0;
    for (int k = 0; k < out.size(); k++) {
      System.arraycopy(a.data(), from, out.data(), k, 1);
      for (int i = rank - 1; i >= 0; i--) {
        from += stride[i];
        if (++index[i] < to.dim(i)) {
          break;
        }
        from -= stride[i] * to.dim(i);
        index[i] = 0;
      }
    }
    return out;
  }

  /** The first axes read backwards, as a kernel of a convolution is for one of a correlation. */
  StoredArray flipped(int axes) {
    return new StoredArray(name, dtype, shape, () -> flip(read.get(), axes));
  }

  private static HostArray flip(HostArray a, int axes) {
    int block = a.shape().product(axes, a.shape().rank());
    int blocks = a.shape().product(0, axes);
    HostArray out = HostArray.zeros(a.dtype(), a.shape());
    // turning every one of the leading axes turns their flattened order
    for (int i = 0; i < blocks; i++) {
      System.arraycopy(a.data(), i * block, out.data(), (blocks - 1 - i) * block, block);
    }
    return out;
  }

  /** Columns of the last axis, {@code from} inclusive to {@code to} exclusive. */
  StoredArray columns(int from, int to) {
    int width = shape.dim(-1);
    Shape cut = shape.withDim(-1, to - from);
    return new StoredArray(
        name,
        dtype,
        cut,
        () -> {
          HostArray a = read.get();
          HostArray out = HostArray.zeros(dtype, cut);
          int rows = width == 0 ? 0 : a.size() / width;
          for (int r = 0; r < rows; r++) {
            System.arraycopy(a.data(), r * width + from, out.data(), r * (to - from), to - from);
          }
          return out;
        });
  }

  /** Arrays side by side along the last axis. */
  static StoredArray joined(List<StoredArray> parts) {
    int width = parts.stream().mapToInt(p -> p.shape.dim(-1)).sum();
    StoredArray first = parts.get(0);
    Shape to = first.shape.withDim(-1, width);
    return new StoredArray(
        first.name,
        first.dtype,
        to,
        () -> {
          HostArray out = HostArray.zeros(first.dtype, to);
          int rows = to.product(0, to.rank() - 1);
          int at = 0;
          for (StoredArray p : parts) {
            HostArray a = p.read.get();
            int w = p.shape.dim(-1);
            for (int r = 0; r < rows; r++) {
              System.arraycopy(a.data(), r * w, out.data(), r * width + at, w);
            }
            at += w;
          }
          return out;
        });
  }

  /** The sum of two arrays of floats. */
  StoredArray plus(StoredArray other) {
    return new StoredArray(
        name,
        dtype,
        shape,
        () -> {
          HostArray a = read.get();
          HostArray b = other.read.get();
          HostArray out = HostArray.zeros(dtype, shape);
          for (int i = 0; i < Array.getLength(a.data()); i++) {
            out.set(i, a.doubleAt(i) + b.doubleAt(i));
          }
          return out;
        });
  }

  boolean hasShape(int... dims) {
    return Arrays.equals(shape.dims(), dims);
  }
}
