package io.weft.serialization.npz;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.io.Elements;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One {@code .npy} array. Either byte order and both element orders are read; written are
 * little-endian, row-major files of version 1. bfloat16 is stored as {@code V2}, as NumPy does for
 * types it does not know; strings as {@code U}, in files of others also {@code S} (UTF-8).
 */
public final class Npy {
  private Npy() {}

  /** Reads the array that a source holds. */
  public static HostArray read(ByteSource s) {
    NpyHeader h = NpyHeader.read(s);
    HostArray a =
        h.kind() == 'U' || h.kind() == 'S'
            ? strings(s, h)
            : Elements.read(s, h.dataAt(), dtype(s, h), h.order(), h.shape());
    return h.fortran() && h.shape().rank() > 1 ? rowMajor(a) : a;
  }

  private static DType dtype(ByteSource s, NpyHeader h) {
    String name = "" + h.kind() + h.width();
    switch (name) {
      case "b1":
        return DType.BOOL;
      case "V2":
        return DType.BFLOAT16;
      case "f2":
        return DType.FLOAT16;
      case "f4":
        return DType.FLOAT32;
      case "f8":
        return DType.FLOAT64;
      case "i1":
      case "i2":
      case "i4":
      case "i8":
        return DType.of("int" + 8 * h.width());
      case "u1":
      case "u2":
      case "u4":
      case "u8":
        return DType.of("uint" + 8 * h.width());
      default:
        throw new ModelFormatException(
            s.name()
                + ": expected booleans, integers, floats of 2, 4 or 8 bytes or strings. Received:"
                + " dtype "
                + name);
    }
  }

  private static HostArray strings(ByteSource s, NpyHeader h) {
    boolean unicode = h.kind() == 'U';
    long width = (long) h.width() * (unicode ? 4 : 1);
    int n = Elements.count(s.name(), h.shape());
    // an element without bytes still costs a reference, so the count is bounded by itself too
    if (n > Integer.MAX_VALUE / 8 || width == 0 && n > 1 << 20) {
      throw new ModelFormatException(
          s.name() + ": expected fewer strings. Received: shape " + h.shape());
    }
    byte[] b = s.bytes(h.dataAt(), n * width);
    String[] out = new String[n];
    for (int i = 0; i < out.length; i++) {
      int from = (int) (i * width);
      int end = from + (int) width;
      int step = unicode ? 4 : 1;
      while (end > from && isZero(b, end - step, step)) {
        end -= step;
      }
      out[i] =
          unicode
              ? codePoints(s, ByteBuffer.wrap(b, from, end - from).order(h.order()))
              : new String(b, from, end - from, StandardCharsets.UTF_8);
    }
    return new HostArray(DType.STRING, h.shape(), out);
  }

  private static boolean isZero(byte[] b, int at, int n) {
    for (int i = at; i < at + n; i++) {
      if (b[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static String codePoints(ByteSource s, ByteBuffer b) {
    StringBuilder t = new StringBuilder();
    while (b.hasRemaining()) {
      int c = b.getInt();
      if (!Character.isValidCodePoint(c)) {
        throw new ModelFormatException(
            s.name() + ": expected Unicode text. Received: code point " + c);
      }
      t.appendCodePoint(c);
    }
    return t.toString();
  }

  /** The same array with the last axis varying fastest instead of the first. */
  private static HostArray rowMajor(HostArray a) {
    Shape shape = a.shape();
    int n = a.size();
    Object out = java.lang.reflect.Array.newInstance(a.data().getClass().getComponentType(), n);
    int[] index = new int[shape.rank()];
    int[] stride = new int[shape.rank()];
    int step = 1;
    for (int i = 0; i < stride.length; i++) {
      stride[i] = step;
      step *= shape.dim(i);
    }
    int from = 0;
    for (int to = 0; to < n; to++) {
      System.arraycopy(a.data(), from, out, to, 1);
      for (int axis = index.length - 1; axis >= 0; axis--) {
        from += stride[axis];
        if (++index[axis] < shape.dim(axis)) {
          break;
        }
        from -= stride[axis] * shape.dim(axis);
        index[axis] = 0;
      }
    }
    return new HostArray(a.dtype(), shape, out);
  }

  /** The exact number of bytes that {@link #write} writes. */
  static long size(HostArray a) {
    int width = a.dtype() == DType.STRING ? 4 * longest(a) : a.dtype().bytes();
    return header(a).length + (long) a.size() * width;
  }

  /** Writes an array with its header. */
  public static void write(HostArray a, OutputStream out) throws IOException {
    out.write(header(a));
    if (a.dtype() != DType.STRING) {
      Elements.write(a, out);
      return;
    }
    int width = longest(a);
    for (String s : (String[]) a.data()) {
      ByteBuffer b = ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
      text(s).codePoints().forEach(b::putInt);
      out.write(b.array());
    }
  }

  private static String text(String s) {
    return s == null ? "" : s;
  }

  private static int longest(HostArray a) {
    int n = 1;
    for (String s : (String[]) a.data()) {
      n = Math.max(n, text(s).codePointCount(0, text(s).length()));
    }
    return n;
  }

  private static byte[] header(HostArray a) {
    String text =
        "{'descr': '" + descr(a) + "', 'fortran_order': False, 'shape': " + a.shape() + ", }";
    // the data begin at a multiple of 64 bytes, as NumPy aligns them
    int pad = 63 - (10 + text.length()) % 64;
    byte[] body = (text + " ".repeat(pad) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer b = ByteBuffer.allocate(10 + body.length).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.ISO_8859_1)).put((byte) 1);
    b.put((byte) 0).putShort((short) body.length).put(body);
    return b.array();
  }

  private static String descr(HostArray a) {
    DType d = a.dtype();
    int n = d.bytes();
    if (d == DType.STRING) {
      return "<U" + longest(a);
    }
    if (d == DType.BFLOAT16) {
      return "|V2";
    }
    String kind = d.isBool() ? "b" : d.isFloating() ? "f" : d.isUnsigned() ? "u" : "i";
    return (n == 1 ? "|" : "<") + kind + n;
  }
}
