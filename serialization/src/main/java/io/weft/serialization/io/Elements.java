package io.weft.serialization.io;

import io.weft.error.ModelFormatException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numeric arrays from bytes and back, in pieces, for every dtype but strings. */
public final class Elements {
  private static final int PIECE = 1 << 20;

  private Elements() {}

  /** The number of elements of a shape from a file; more than a Java array holds is refused. */
  public static int count(String who, Shape shape) {
    double n = 1;
    for (int d : shape.dims()) {
      n *= d;
    }
    if (n > Integer.MAX_VALUE - 16) {
      throw new ModelFormatException(
          who + ": expected at most 2^31 elements. Received: shape " + shape);
    }
    return (int) n;
  }

  /** Reads a contiguous array; nothing is allocated before the source is known to hold it. */
  public static HostArray read(
      ByteSource source, long at, DType dtype, ByteOrder order, Shape shape) {
    long bytes = (long) count(source.name(), shape) * dtype.bytes();
    source.check(at, bytes);
    HostArray a = HostArray.zeros(dtype, shape);
    if (dtype.bytes() == 1) {
      byte[] b = (byte[]) a.data();
      source.read(at, b, 0, (int) bytes);
      for (int i = 0; dtype.isBool() && i < b.length; i++) {
        b[i] = (byte) (b[i] != 0 ? 1 : 0);
      }
      return a;
    }
    byte[] piece = new byte[(int) Math.min(bytes, PIECE)];
    for (long done = 0; done < bytes; done += piece.length) {
      int n = (int) Math.min(piece.length, bytes - done);
      source.read(at + done, piece, 0, n);
      ByteBuffer b = ByteBuffer.wrap(piece, 0, n).order(order);
      get(b, dtype, a.data(), (int) (done / dtype.bytes()), n / dtype.bytes());
    }
    return a;
  }

  /** Moves {@code count} elements from a buffer to an array. */
  public static void get(ByteBuffer from, DType dtype, Object to, int offset, int count) {
    switch (dtype) {
      case FLOAT32:
        from.asFloatBuffer().get((float[]) to, offset, count);
        break;
      case FLOAT64:
        from.asDoubleBuffer().get((double[]) to, offset, count);
        break;
      case INT32:
      case UINT32:
        from.asIntBuffer().get((int[]) to, offset, count);
        break;
      case INT64:
      case UINT64:
        from.asLongBuffer().get((long[]) to, offset, count);
        break;
      default:
        if (dtype.bytes() == 2) {
          from.asShortBuffer().get((short[]) to, offset, count);
        } else {
          from.get((byte[]) to, offset, count);
        }
    }
  }

  /** Writes an array little-endian and row-major. */
  public static void write(HostArray a, OutputStream out) throws IOException {
    int width = a.dtype().bytes();
    int total = a.size();
    if (width == 1) {
      out.write((byte[]) a.data());
      return;
    }
    byte[] piece = new byte[(int) Math.min((long) total * width, PIECE)];
    ByteBuffer b = ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN);
    for (int done = 0; done < total; ) {
      int n = Math.min(piece.length / width, total - done);
      b.clear();
      put(b, a.dtype(), a.data(), done, n);
      out.write(piece, 0, n * width);
      done += n;
    }
  }

  private static void put(ByteBuffer to, DType dtype, Object from, int offset, int count) {
    switch (dtype) {
      case FLOAT32:
        to.asFloatBuffer().put((float[]) from, offset, count);
        break;
      case FLOAT64:
        to.asDoubleBuffer().put((double[]) from, offset, count);
        break;
      case INT32:
      case UINT32:
        to.asIntBuffer().put((int[]) from, offset, count);
        break;
      case INT64:
      case UINT64:
        to.asLongBuffer().put((long[]) from, offset, count);
        break;
      default:
        to.asShortBuffer().put((short[]) from, offset, count);
    }
  }
}
