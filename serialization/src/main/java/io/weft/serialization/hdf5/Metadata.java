package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** The small pieces of a file, read through a few cached pages. */
final class Metadata {
  private static final int PAGE = 1 << 16;
  private static final int PAGES = 32;

  final ByteSource source;
  final int offsetSize;
  final int lengthSize;
  private final Map<Long, byte[]> pages =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > PAGES;
        }
      };

  Metadata(ByteSource source, int offsetSize, int lengthSize) {
    this.source = source;
    this.offsetSize = offsetSize;
    this.lengthSize = lengthSize;
  }

  /** A cursor over a range that the file has. */
  Cursor at(long address, long length) {
    source.check(address, length);
    long first = address / PAGE;
    if (length <= PAGE && (address + Math.max(length, 1) - 1) / PAGE == first) {
      int from = (int) (address - first * PAGE);
      return new Cursor(this, ByteBuffer.wrap(page(first), from, (int) length).slice());
    }
    return new Cursor(this, ByteBuffer.wrap(source.bytes(address, length)));
  }

  private synchronized byte[] page(long n) {
    byte[] b = pages.get(n);
    if (b == null) {
      b = source.bytes(n * PAGE, Math.min(PAGE, source.size() - n * PAGE));
      pages.put(n, b);
    }
    return b;
  }

  ModelFormatException broken(String expected, String received) {
    return new ModelFormatException(
        source.name() + ": expected " + expected + ". Received: " + received);
  }

  /** Little-endian fields in turn; running over the end is an error of the file. */
  static final class Cursor {
    final Metadata file;
    private final ByteBuffer b;

    Cursor(Metadata file, ByteBuffer b) {
      this.file = file;
      this.b = b.order(ByteOrder.LITTLE_ENDIAN);
    }

    int remaining() {
      return b.remaining();
    }

    int position() {
      return b.position();
    }

    private void need(long n) {
      if (n < 0 || n > b.remaining()) {
        throw file.broken(n + " more bytes in a record", b.remaining() + "; the file is damaged");
      }
    }

    int u8() {
      need(1);
      return b.get() & 0xff;
    }

    int u16() {
      need(2);
      return b.getShort() & 0xffff;
    }

    long u32() {
      need(4);
      return b.getInt() & 0xffffffffL;
    }

    /** A number of 1 to 8 bytes; all ones stay all ones (−1) for 8 bytes only. */
    long unsigned(int bytes) {
      need(bytes);
      long v = 0;
      for (int i = 0; i < bytes; i++) {
        v |= (b.get() & 0xffL) << 8 * i;
      }
      return v;
    }

    /** An address; −1 when undefined. */
    long offset() {
      long v = unsigned(file.offsetSize);
      return file.offsetSize < 8 && v == (1L << 8 * file.offsetSize) - 1 ? -1 : v;
    }

    long length() {
      return unsigned(file.lengthSize);
    }

    byte[] bytes(long n) {
      need(n);
      byte[] r = new byte[(int) n];
      b.get(r);
      return r;
    }

    void skip(long n) {
      need(n);
      b.position(b.position() + (int) n);
    }

    /** Skips to the next multiple of 8, as far as there are bytes. */
    void align8() {
      b.position(Math.min(b.limit(), b.position() + 7 & ~7));
    }

    /** A cursor over the next bytes, which this one skips. */
    Cursor part(long n) {
      need(n);
      ByteBuffer s = b.slice(b.position(), (int) n);
      b.position(b.position() + (int) n);
      return new Cursor(file, s);
    }

    void signature(String s) {
      for (int i = 0; i < s.length(); i++) {
        if (u8() != s.charAt(i)) {
          throw file.broken("the signature " + s, "other bytes; the file is damaged");
        }
      }
    }
  }
}
