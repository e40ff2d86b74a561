package io.weft.serialization.hdf5;

import io.weft.serialization.io.Elements;
import io.weft.tensor.HostArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of little-endian fields. */
final class Bytes {
  private byte[] b = new byte[64];
  private int n;

  int size() {
    return n;
  }

  byte[] toArray() {
    return Arrays.copyOf(b, n);
  }

  private Bytes number(long v, int bytes) {
    room(bytes);
    for (int i = 0; i < bytes; i++) {
      b[n++] = (byte) (v >>> 8 * i);
    }
    return this;
  }

  Bytes u16(int v) {
    return number(v, 2);
  }

  Bytes u32(int v) {
    return number(v, 4);
  }

  Bytes u64(long v) {
    return number(v, 8);
  }

  Bytes raw(byte[] more) {
    room(more.length);
    System.arraycopy(more, 0, b, n, more.length);
    n += more.length;
    return this;
  }

  Bytes text(String ascii) {
    return raw(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  Bytes zeros(int count) {
    room(count);
    n += count;
    return this;
  }

  Bytes align8() {
    return zeros(-n & 7);
  }

  Bytes elements(HostArray a) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Elements.write(a, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return raw(out.toByteArray());
  }

  long get(int at) {
    long v = 0;
    for (int i = 0; i < 8; i++) {
      v |= (b[at + i] & 0xffL) << 8 * i;
    }
    return v;
  }

  void patch(int at, long v) {
    for (int i = 0; i < 8; i++) {
      b[at + i] = (byte) (v >>> 8 * i);
    }
  }

  void patch(int at, byte[] with) {
    System.arraycopy(with, 0, b, at, with.length);
  }

  private void room(int more) {
    if (more > b.length - n) {
      b = Arrays.copyOf(b, Math.max(n + more, 2 * b.length));
    }
  }
}
