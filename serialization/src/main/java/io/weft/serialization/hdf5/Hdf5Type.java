package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.tensor.DType;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An element type of a file.
 *
 * @param kind how an element is stored
 * @param size bytes of one element in the file
 * @param dtype what it becomes; null for OPAQUE and OTHER
 * @param text its name for messages
 */
record Hdf5Type(Kind kind, int size, ByteOrder order, DType dtype, String text) {
  enum Kind {
    NUMBER,
    FIXED_STRING,
    VARIABLE_STRING,
    OPAQUE,
    OTHER
  }

  static Hdf5Type read(Cursor c) {
    int head = c.u8();
    int version = head >>> 4;
    int bits = c.u8() | c.u8() << 8 | c.u8() << 16;
    long size = c.u32();
    if (version < 1 || version > 5 || size == 0 || size > 1 << 30) {
      throw c.file.broken("a datatype", "version " + version + " of " + size + " bytes");
    }
    ByteOrder order = (bits & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    int n = (int) size;
    switch (head & 15) {
      case 0:
        return integer(c, bits, n, order);
      case 1:
        return real(c, n, order);
      case 3:
        return new Hdf5Type(Kind.FIXED_STRING, n, order, DType.STRING, "strings");
      case 5:
        return new Hdf5Type(Kind.OPAQUE, n, order, null, "opaque elements of " + n + " bytes");
      case 8:
        return enumeration(c, version, bits & 0xffff, n);
      case 9:
        if ((bits & 15) == 1 && n == 8 + c.file.offsetSize) {
          return new Hdf5Type(Kind.VARIABLE_STRING, n, order, DType.STRING, "strings");
        }
        return other("variable-length lists", n);
      case 6:
        return other("compound elements", n);
      default:
        return other("elements of HDF5 class " + (head & 15), n);
    }
  }

  private static Hdf5Type other(String text, int size) {
    return new Hdf5Type(Kind.OTHER, size, ByteOrder.LITTLE_ENDIAN, null, text);
  }

  /** Two-byte opaque elements with the attribute dtype = bfloat16 hold that type. */
  Hdf5Type asBfloat16() {
    return new Hdf5Type(Kind.NUMBER, 2, ByteOrder.LITTLE_ENDIAN, DType.BFLOAT16, "bfloat16");
  }

  private static Hdf5Type integer(Cursor c, int bits, int n, ByteOrder order) {
    boolean whole = c.u16() == 0 & c.u16() == 8L * n;
    if (!whole || Integer.bitCount(n) != 1 || n > 8) {
      return other("integers of unusual width", n);
    }
    DType d = DType.of(((bits & 8) != 0 ? "int" : "uint") + 8 * n);
    return new Hdf5Type(Kind.NUMBER, n, order, d, d.kerasName());
  }

  private static Hdf5Type real(Cursor c, int n, ByteOrder order) {
    c.skip(4);
    int exponentAt = c.u8();
    int exponentSize = c.u8();
    String layout = n + "/" + exponentAt + "/" + exponentSize;
    DType d;
    switch (layout) {
      case "4/23/8":
        d = DType.FLOAT32;
        break;
      case "8/52/11":
        d = DType.FLOAT64;
        break;
      case "2/10/5":
        d = DType.FLOAT16;
        break;
      case "2/7/8":
        d = DType.BFLOAT16;
        break;
      default:
        return other("floats of unusual layout", n);
    }
    return new Hdf5Type(Kind.NUMBER, n, order, d, d.kerasName());
  }

  /** FALSE and TRUE over bytes are booleans; other enumerations are their integers. */
  private static Hdf5Type enumeration(Cursor c, int version, int count, int n) {
    int head = c.u8();
    if ((head & 15) != 0) {
      return other("an enumeration", n);
    }
    int bits = c.u8();
    c.skip(2);
    ByteOrder order = (bits & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    Hdf5Type base = integer(c, bits, (int) Math.min(16, c.u32()), order);
    if (base.kind != Kind.NUMBER || base.size != n) {
      return other("an enumeration", n);
    }
    if (n == 1 && count == 2) {
      String names = "";
      for (int i = 0; i < 2; i++) {
        int from = c.position();
        StringBuilder s = new StringBuilder();
        for (int b = c.u8(); b != 0; b = c.u8()) {
          s.append((char) b);
        }
        if (version < 3) {
          c.skip(Math.min(c.remaining(), -(c.position() - from) & 7));
        }
        names += s + ",";
      }
      byte[] values = c.bytes(2);
      if (names.equals("FALSE,TRUE,") && values[0] == 0 && values[1] == 1) {
        return new Hdf5Type(Kind.NUMBER, 1, base.order, DType.BOOL, "bool");
      }
    }
    return base;
  }

  /** Text of a fixed-length string: up to the first NUL, without padding blanks kept. */
  static String fixedText(byte[] b, int from, int size) {
    int end = from;
    while (end < from + size && b[end] != 0) {
      end++;
    }
    return new String(b, from, end - from, StandardCharsets.UTF_8);
  }
}
