package io.weft.serialization.hdf5;

import io.weft.tensor.DType;
import java.nio.charset.StandardCharsets;

/** Datatype messages as h5py writes them. */
final class TypeWriter {
  private TypeWriter() {}

  static Bytes type(DType d) {
    int n = d.bytes();
    switch (d) {
      case BOOL:
        Bytes b = head(8, 2, 0, 0, 1).raw(type(DType.INT8).toArray());
        return b.raw("FALSE\0\0\0TRUE\0\0\0\0\0\1".getBytes(StandardCharsets.US_ASCII));
      case BFLOAT16:
        return head(5, 0, 0, 0, 2);
      case FLOAT16:
        return real(n, 10, 5, 15);
      case FLOAT32:
        return real(n, 23, 8, 127);
      case FLOAT64:
        return real(n, 52, 11, 1023);
      default:
        return head(0, d.isUnsigned() ? 0 : 8, 0, 0, n).u16(0).u16(8 * n);
    }
  }

  private static Bytes head(int kind, int bits0, int bits1, int bits2, int size) {
    return new Bytes()
        .raw(new byte[] {(byte) (16 | kind), (byte) bits0, (byte) bits1, (byte) bits2})
        .u32(size);
  }

  private static Bytes real(int n, int mantissa, int exponent, int bias) {
    return head(1, 0x20, 8 * n - 1, 0, n)
        .u16(0)
        .u16(8 * n)
        .raw(new byte[] {(byte) mantissa, (byte) exponent, 0, (byte) mantissa})
        .u32(bias);
  }

  /** The type of an attribute; {@code width} is the length of fixed texts. */
  static Bytes type(GroupBuilder.Attribute a, int width) {
    if (a.value().dtype() != DType.STRING) {
      return type(a.value().dtype());
    }
    if (a.text() == GroupBuilder.Text.FIXED) {
      return head(3, 1, 0, 0, width);
    }
    int charset = a.text() == GroupBuilder.Text.UTF8 ? 1 : 0;
    return head(9, 1, charset, 0, 16).raw(head(0, 0, 0, 0, 1).u16(0).u16(8).toArray());
  }

  /** Bytes of the longest text of an attribute of fixed texts; 0 for other attributes. */
  static int fixedWidth(GroupBuilder.Attribute a) {
    if (a.text() != GroupBuilder.Text.FIXED || !(a.value().data() instanceof String[] texts)) {
      return 0;
    }
    int n = 1;
    for (String s : texts) {
      n = Math.max(n, s.getBytes(StandardCharsets.UTF_8).length);
    }
    return n;
  }
}
