package io.weft.serialization.io;

import io.weft.error.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The members of a ZIP file, stored or deflated, read by the central directory and checked against
 * the local headers, sizes and checksums. Refused: encrypted, overlapping or doubly named members,
 * names that climb or are absolute, more members than {@link #MAX_MEMBERS}, compression bombs.
 * Nothing is ever written to the disk.
 */
public final class ZipReader {
  static final int MAX_MEMBERS = 65_536;

  /**
   * A deflated member above {@link #BOMB_SIZE} may not be more than this much larger than packed.
   */
  static final int BOMB_RATIO = 100;

  static final long BOMB_SIZE = 64L << 20;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;

  private record Member(String name, int method, long crc, long packed, long size, long local) {}

  private record Directory(long at, long size, long count) {}

  private final ByteSource source;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Member, Long> starts = new java.util.IdentityHashMap<>();

  /** Reads the directory; the source stays with its owner. */
  public ZipReader(ByteSource source) {
    this.source = source;
    Directory d = directory();
    if (d.count > MAX_MEMBERS || d.size > Integer.MAX_VALUE / 4) {
      throw broken("at most " + MAX_MEMBERS + " members", d.count + " members");
    }
    ByteBuffer b = buffer(d.at, d.size);
    for (long i = 0; i < d.count; i++) {
      Member m = central(b);
      if (m.name.endsWith("/")) {
        continue;
      }
      if (members.put(m.name, m) != null) {
        throw broken("member names to be unique", m.name + " twice");
      }
    }
    checkRanges(d.at);
  }

  /** True when the bytes begin as a ZIP file does. */
  public static boolean isZip(ByteSource source) {
    if (source.size() < 22) {
      return false;
    }
    byte[] b = source.bytes(0, 4);
    return b[0] == 'P' && b[1] == 'K' && (b[2] == 3 && b[3] == 4 || b[2] == 5 && b[3] == 6);
  }

  /** Names in the order of the directory, folders left out. */
  public List<String> names() {
    return Collections.unmodifiableList(new ArrayList<>(members.keySet()));
  }

  public boolean has(String name) {
    return members.containsKey(name);
  }

  /** The checked content of a member: a view of the file if stored, an array if deflated. */
  public ByteSource open(String name) {
    Member m = members.get(name);
    if (m == null) {
      throw broken("a member " + name, "only " + names());
    }
    String title = source.name() + ": " + name;
    long at = starts.get(m);
    if (m.method == 0) {
      ByteSource s = source.slice(title, at, m.size);
      checkCrc(s, m);
      return s;
    }
    return ByteSource.of(title, inflate(m, at));
  }

  private Directory directory() {
    long size = source.size();
    int tail = (int) Math.min(size, 22 + 65_535);
    ByteBuffer b = buffer(size - tail, tail);
    for (int i = tail - 22; i >= 0; i--) {
      if (b.getInt(i) == END && i + 22 + u16(b, i + 20) == tail) {
        return end(b, i, size - tail + i);
      }
    }
    throw new ModelFormatException(
        source.name()
            + ": expected a ZIP archive with its directory at the end. Received: a file of "
            + size
            + " bytes without one; it is truncated or of another kind");
  }

  private Directory end(ByteBuffer b, int i, long endAt) {
    if (u16(b, i + 4) != 0 || u16(b, i + 6) != 0) {
      throw broken("an archive in one file", "one of several disks");
    }
    long count = u16(b, i + 10);
    long length = u32(b, i + 12);
    long at = u32(b, i + 16);
    long limit = endAt;
    if (count == 0xffff || length == 0xffffffffL || at == 0xffffffffL) {
      if (endAt >= 20) {
        ByteBuffer l = buffer(endAt - 20, 20);
        if (l.getInt(0) == LOCATOR64) {
          limit = l.getLong(8);
          ByteBuffer e = buffer(limit, 56);
          if (e.getInt(0) != END64) {
            throw broken("a ZIP64 end record at " + limit, "other bytes");
          }
          count = e.getLong(32);
          length = e.getLong(40);
          at = e.getLong(48);
        }
      }
    }
    if (count < 0 || length < 0 || at < 0 || at > limit || length != limit - at) {
      throw broken(
          "a directory that ends where the end record begins, at " + limit,
          "directory at " + at + " of " + length + " bytes");
    }
    return new Directory(at, length, count);
  }

  private Member central(ByteBuffer b) {
    int at = b.position();
    if (b.remaining() < 46 || b.getInt(at) != CENTRAL) {
      throw broken("a directory entry at byte " + at + " of the directory", "other bytes");
    }
    int flags = u16(b, at + 8);
    int method = u16(b, at + 10);
    int nameLength = u16(b, at + 28);
    int extraLength = u16(b, at + 30);
    int next = at + 46 + nameLength + extraLength + u16(b, at + 32);
    if (next > b.limit()) {
      throw broken("a whole directory entry at byte " + at, "a cut one");
    }
    byte[] raw = new byte[nameLength];
    b.position(at + 46);
    b.get(raw);
    String name = new String(raw, StandardCharsets.UTF_8);
    checkName(name);
    if ((flags & 0x2041) != 0) {
      throw broken("members without encryption", name + " is encrypted");
    }
    if (method != 0 && method != 8) {
      throw broken("members stored or deflated", name + " of method " + method);
    }
    long packed = u32(b, at + 20);
    long size = u32(b, at + 24);
    long local = u32(b, at + 42);
    int extra = at + 46 + nameLength;
    int extraEnd = extra + extraLength;
    while (extra + 4 <= extraEnd) {
      int id = u16(b, extra);
      int end = extra + 4 + u16(b, extra + 2);
      int p = extra + 4;
      if (id == 1 && end <= extraEnd) {
        if (size == 0xffffffffL && p + 8 <= end) {
          size = b.getLong(p);
          p += 8;
        }
        if (packed == 0xffffffffL && p + 8 <= end) {
          packed = b.getLong(p);
          p += 8;
        }
        if (local == 0xffffffffL && p + 8 <= end) {
          local = b.getLong(p);
        }
      }
      extra = end;
    }
    b.position(next);
    if (method == 0 && packed != size) {
      throw broken("a stored member to have one size", name + " with " + packed + " and " + size);
    }
    if (size < 0 || size > BOMB_SIZE && method == 8 && size / BOMB_RATIO > packed) {
      throw broken(
          "a member at most " + BOMB_RATIO + " times larger than packed",
          name + " of " + size + " bytes packed into " + packed);
    }
    return new Member(name, method, u32(b, at + 16), packed, size, local);
  }

  private void checkName(String name) {
    boolean climbs = name.isEmpty() || name.startsWith("/") || name.indexOf('\0') >= 0;
    for (String part : name.split("[/\\\\]", -1)) {
      climbs |= part.equals("..");
    }
    climbs |= name.length() > 1 && name.charAt(1) == ':' || name.startsWith("\\");
    if (climbs) {
      throw broken("member names inside the archive", "'" + name + "'");
    }
  }

  /** Finds where each member's data begin and that no two of them share bytes. */
  private void checkRanges(long directoryAt) {
    List<Member> sorted = new ArrayList<>(members.values());
    sorted.sort(Comparator.comparingLong(Member::local));
    long free = 0;
    for (Member m : sorted) {
      if (m.local < free || m.local > directoryAt - 30) {
        throw broken("members that do not overlap", m.name + " at " + m.local);
      }
      ByteBuffer b = buffer(m.local, 30);
      int nameLength = u16(b, 26);
      long start = m.local + 30 + nameLength + u16(b, 28);
      if (b.getInt(0) != LOCAL
          || !Arrays.equals(
              source.bytes(m.local + 30, nameLength), m.name.getBytes(StandardCharsets.UTF_8))
          || u16(b, 8) != m.method) {
        throw broken("a local header of " + m.name + " at " + m.local, "another one");
      }
      if (start > directoryAt || m.packed < 0 || m.packed > directoryAt - start) {
        throw broken(
            m.name + " to lie before the directory at " + directoryAt,
            m.packed + " bytes at " + start);
      }
      starts.put(m, start);
      free = start + m.packed;
    }
  }

  private void checkCrc(ByteSource s, Member m) {
    CRC32 crc = new CRC32();
    byte[] piece = new byte[(int) Math.min(s.size(), 1 << 18)];
    for (long at = 0; at < s.size(); at += piece.length) {
      int n = (int) Math.min(piece.length, s.size() - at);
      s.read(at, piece, 0, n);
      crc.update(piece, 0, n);
    }
    compareCrc(crc, m);
  }

  private void compareCrc(CRC32 crc, Member m) {
    if (crc.getValue() != m.crc) {
      throw broken(
          m.name + " with checksum " + Long.toHexString(m.crc),
          Long.toHexString(crc.getValue()) + "; the file is damaged");
    }
  }

  private byte[] inflate(Member m, long at) {
    if (m.size > Integer.MAX_VALUE - 16) {
      throw broken("a deflated member below 2 GiB", m.name + " of " + m.size + " bytes");
    }
    Inflater inflater = new Inflater(true);
    try {
      // grown as data come: a false size in the header must not cost memory
      byte[] out = new byte[(int) Math.min(m.size, 1 << 20)];
      byte[] in = new byte[1 << 16];
      int n = 0;
      long taken = 0;
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          int k = (int) Math.min(in.length, m.packed - taken);
          if (k <= 0 || inflater.needsDictionary()) {
            throw broken(m.name + " with " + m.size + " bytes", n + " bytes of deflated data");
          }
          source.read(at + taken, in, 0, k);
          inflater.setInput(in, 0, k);
          taken += k;
        }
        if (n == out.length && n < m.size) {
          out = Arrays.copyOf(out, (int) Math.min(m.size, 2L * n));
        }
        int k = n < out.length ? inflater.inflate(out, n, out.length - n) : overflow(inflater, m);
        n += k;
      }
      if (n != m.size) {
        throw broken(m.name + " with " + m.size + " bytes", n + " bytes");
      }
      CRC32 crc = new CRC32();
      crc.update(out, 0, n);
      compareCrc(crc, m);
      return n == out.length ? out : Arrays.copyOf(out, n);
    } catch (DataFormatException e) {
      throw new ModelFormatException(
          source.name() + ": " + m.name + ": expected deflated data. Received: " + e.getMessage(),
          e);
    } finally {
      inflater.end();
    }
  }

  /** With the output full, only the end of the stream may follow. */
  private int overflow(Inflater inflater, Member m) throws DataFormatException {
    if (inflater.inflate(new byte[1]) > 0) {
      throw broken(m.name + " with " + m.size + " bytes", "more");
    }
    return 0;
  }

  private ByteBuffer buffer(long at, long length) {
    return ByteBuffer.wrap(source.bytes(at, length)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int u16(ByteBuffer b, int at) {
    return b.getShort(at) & 0xffff;
  }

  private static long u32(ByteBuffer b, int at) {
    return b.getInt(at) & 0xffffffffL;
  }

  private ModelFormatException broken(String expected, String received) {
    return new ModelFormatException(
        source.name() + ": expected " + expected + ". Received: " + received);
  }
}
