package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Metadata.Cursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** What is done to a chunk before it is stored: deflate, shuffle, checksum, lzf. */
final class Filters {
  /** A chunk may not be more than this much larger than stored; deflate reaches 1032. */
  static final int BOMB_RATIO = 1100;

  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;
  private static final int LZF = 32_000;

  private record Filter(int id, long[] values) {}

  private final String who;
  private final List<Filter> filters = new ArrayList<>();

  /** Without filters. */
  Filters(String who) {
    this.who = who;
  }

  static Filters read(String who, Cursor c) {
    Filters f = new Filters(who);
    int version = c.u8();
    int n = c.u8();
    if (version == 1) {
      c.skip(6);
    } else if (version != 2) {
      throw c.file.broken("filters of version 1 or 2", "version " + version);
    }
    for (int i = 0; i < n; i++) {
      int id = c.u16();
      int nameLength = version == 1 || id >= 256 ? c.u16() : 0;
      c.u16();
      int count = c.u16();
      c.skip(version == 1 ? nameLength + 7 & ~7 : nameLength);
      long[] values = new long[count];
      for (int k = 0; k < count; k++) {
        values[k] = c.u32();
      }
      if (version == 1 && count % 2 == 1) {
        c.skip(4);
      }
      f.filters.add(new Filter(id, values));
    }
    return f;
  }

  boolean isEmpty() {
    return filters.isEmpty();
  }

  /** Undoes the filters, last first; {@code mask} has a bit for each that was left out. */
  byte[] undo(byte[] stored, long mask, int size) {
    byte[] b = stored;
    for (int i = filters.size() - 1; i >= 0; i--) {
      if ((mask >>> i & 1) == 0) {
        b = undo(filters.get(i), b, size + 4 * i);
      }
    }
    if (b.length != size) {
      throw broken("a chunk of " + size + " bytes", b.length + " bytes");
    }
    return b;
  }

  private byte[] undo(Filter f, byte[] b, int limit) {
    switch (f.id) {
      case DEFLATE:
        return inflate(b, limit);
      case SHUFFLE:
        return unshuffle(b, f.values.length > 0 ? (int) f.values[0] : 1);
      case FLETCHER32:
        if (b.length < 4) {
          throw broken("a checksum", "a chunk of " + b.length + " bytes");
        }
        return Arrays.copyOf(b, b.length - 4);
      case LZF:
        return lzf(b, limit);
      default:
        throw broken("the filters deflate, shuffle, fletcher32 or lzf", "filter " + f.id);
    }
  }

  private byte[] inflate(byte[] b, int limit) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(b);
      byte[] out = new byte[limit];
      int n = 0;
      while (!inflater.finished()) {
        int k = inflater.inflate(out, n, limit - n);
        n += k;
        if (k == 0 && !inflater.finished()) {
          throw broken("deflated data of at most " + limit + " bytes", "more, or cut ones");
        }
      }
      return n == limit ? out : Arrays.copyOf(out, n);
    } catch (DataFormatException e) {
      throw new ModelFormatException(
          who + ": expected deflated data. Received: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
  }

  /**
   * Gathers the bytes of each element, which were stored as all first bytes, all second bytes, ….
   */
  private static byte[] unshuffle(byte[] b, int width) {
    if (width <= 1) {
      return b;
    }
    int n = b.length / width;
    byte[] out = b.clone();
    for (int j = 0; j < width && n > 0; j++) {
      for (int i = 0; i < n; i++) {
        out[i * width + j] = b[j * n + i];
      }
    }
    return out;
  }

  private byte[] lzf(byte[] in, int limit) {
    byte[] out = new byte[limit];
    int i = 0;
    int o = 0;
    try {
      while (i < in.length) {
        int control = in[i++] & 0xff;
        if (control < 32) {
          System.arraycopy(in, i, out, o, control + 1);
          i += control + 1;
          o += control + 1;
          continue;
        }
        int length = control >>> 5;
        if (length == 7) {
          length += in[i++] & 0xff;
        }
        int from = o - ((control & 31) << 8) - 1 - (in[i++] & 0xff);
        for (int k = 0; k < length + 2; k++) {
          out[o++] = out[from++];
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw broken("lzf data of at most " + limit + " bytes", "more, or damaged ones");
    }
    return Arrays.copyOf(out, o);
  }

  private ModelFormatException broken(String expected, String received) {
    return new ModelFormatException(who + ": expected " + expected + ". Received: " + received);
  }
}
