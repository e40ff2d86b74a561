package io.weft.tensor;

import io.weft.error.ShapeException;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes of a tensor's axes; immutable. {@link #UNKNOWN} (−1) stands for a size that is not known
 * yet and prints as {@code None}, as in Keras.
 */
public final class Shape {
  /** A size that is only known when data comes. */
  public static final int UNKNOWN = -1;

  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;

  private Shape(int[] dims) {
    this.dims = dims;
  }

  /** Sizes from the outermost axis to the innermost; −1 is unknown. */
  public static Shape of(int... dims) {
    for (int d : dims) {
      if (d < UNKNOWN) {
        throw new ShapeException(
            "Shape: sizes must not be negative (-1 means unknown). Received: "
                + Arrays.toString(dims));
      }
    }
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** Sizes from a list; null is unknown. */
  public static Shape of(List<Integer> dims) {
    int[] d = new int[dims.size()];
    for (int i = 0; i < d.length; i++) {
      d[i] = dims.get(i) == null ? UNKNOWN : dims.get(i);
    }
    return of(d);
  }

  public int rank() {
    return dims.length;
  }

  /** The size of an axis; negative axes count from the end. */
  public int dim(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new ShapeException("Shape " + this + " has no axis " + axis);
    }
    return dims[a];
  }

  /** A copy of the sizes. */
  public int[] dims() {
    return dims.clone();
  }

  /** True when no size is unknown. */
  public boolean isKnown() {
    for (int d : dims) {
      if (d < 0) {
        return false;
      }
    }
    return true;
  }

  /** The number of elements. */
  public long size() {
    long n = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalStateException("Shape " + this + " has unknown sizes");
      }
      if (d == 0) {
        return 0;
      }
      n = multiply(n, d);
    }
    return n;
  }

  private long multiply(long n, int d) {
    try {
      return Math.multiplyExact(n, (long) d);
    } catch (ArithmeticException e) {
      throw new ShapeException("Shape " + this + " has more than 2^63 elements", e);
    }
  }

  /** The number of elements as an int; a larger one is refused. */
  public int intSize() {
    long n = size();
    if (n > Integer.MAX_VALUE - 16) {
      throw new ShapeException(
          "Shape " + this + ": a tensor holds at most 2^31 elements. Received: " + n);
    }
    return (int) n;
  }

  /** The product of the sizes of axes {@code from} (inclusive) to {@code to} (exclusive). */
  public int product(int from, int to) {
    long n = 1;
    for (int i = from; i < to; i++) {
      n = multiply(n, dims[i]);
    }
    return Math.toIntExact(n);
  }

  /** The non-negative form of an axis, checked. */
  public int axis(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new ShapeException(
          "axis: expected a value in ["
              + -dims.length
              + ", "
              + dims.length
              + ") for shape "
              + this
              + ". Received: "
              + axis);
    }
    return a;
  }

  /** A copy with another size for one axis. */
  public Shape withDim(int axis, int size) {
    int[] d = dims.clone();
    d[axis(axis)] = size;
    return of(d);
  }

  /** The axes {@code from} (inclusive) to {@code to} (exclusive) as a shape of their own. */
  public Shape slice(int from, int to) {
    return of(Arrays.copyOfRange(dims, from, to));
  }

  /** This shape followed by more axes. */
  public Shape plus(int... more) {
    int[] d = Arrays.copyOf(dims, dims.length + more.length);
    System.arraycopy(more, 0, d, dims.length, more.length);
    return of(d);
  }

  /** Unknown sizes replaced by one number. */
  public Shape filled(int size) {
    int[] d = dims.clone();
    for (int i = 0; i < d.length; i++) {
      d[i] = d[i] < 0 ? size : d[i];
    }
    return of(d);
  }

  /** True when both have the same rank and no two known sizes differ. */
  public boolean isCompatibleWith(Shape other) {
    if (other.dims.length != dims.length) {
      return false;
    }
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] >= 0 && other.dims[i] >= 0 && dims[i] != other.dims[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether a tensor of this shape stretches to another shape along axes of size 1. */
  public boolean broadcastsTo(Shape to) {
    boolean fits = rank() <= to.rank();
    for (int i = 1; fits && i <= rank(); i++) {
      fits = dim(-i) == 1 || dim(-i) == to.dim(-i);
    }
    return fits;
  }

  /** NumPy's broadcast of two shapes; an unknown size meeting a known one above 1 becomes that. */
  public static Shape broadcast(Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.dims.length, b.dims.length);
    int[] d = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.dims.length ? a.dims[a.dims.length - i] : 1;
      int y = i <= b.dims.length ? b.dims[b.dims.length - i] : 1;
      if (x == y || y == 1) {
        d[rank - i] = x;
      } else if (x == 1 || x < 0) {
        d[rank - i] = y;
      } else if (y < 0) {
        d[rank - i] = x;
      } else {
        throw new ShapeException("Shapes " + a + " and " + b + " do not broadcast");
      }
    }
    return of(d);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape && Arrays.equals(dims, ((Shape) o).dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As Keras prints it: {@code (None, 32)}. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder("(");
    for (int i = 0; i < dims.length; i++) {
      s.append(i == 0 ? "" : ", ").append(dims[i] < 0 ? "None" : dims[i]);
    }
    return s.append(dims.length == 1 ? ",)" : ")").toString();
  }
}
