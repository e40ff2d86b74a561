package io.weft.serialization.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes a ZIP file of stored members as Python's {@code zipfile} does for Keras; ZIP64 where sizes
 * ask for it. Each member is streamed: its header is completed once its checksum is known.
 */
public final class ZipWriter {
  /** Writes the bytes of one member. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private record Member(byte[] name, long crc, long size, long at, int time, int date) {}

  private static final int EPOCH_DATE = 1 << 5 | 1; // 1980-01-01, Python's default
  private static final long MAX32 = 0xffffffffL;

  private final FileChannel channel;
  private final List<Member> members = new ArrayList<>();

  public ZipWriter(FileChannel channel) {
    this.channel = channel;
  }

  /** Adds a member dated 1980-01-01, as Python does for text given in memory. */
  public void add(String name, byte[] bytes) throws IOException {
    add(name, null, bytes.length, out -> out.write(bytes));
  }

  /** Adds a member of exactly {@code size} bytes; {@code modified} null means 1980-01-01. */
  public void add(String name, LocalDateTime modified, long size, Content content)
      throws IOException {
    byte[] raw = name.getBytes(StandardCharsets.UTF_8);
    long at = channel.position();
    boolean big = size >= MAX32;
    int header = 30 + raw.length + (big ? 20 : 0);
    channel.position(at + header);
    Counted out = new Counted(channel);
    content.writeTo(out);
    out.flush();
    if (out.size != size) {
      throw new IOException(name + ": expected " + size + " bytes. Received: " + out.size);
    }
    long end = channel.position();
    Member m = new Member(raw, out.crc.getValue(), size, at, time(modified), date(modified));
    members.add(m);
    ByteBuffer b = buffer(header);
    b.putInt(0x04034b50).putShort((short) (big ? 45 : 20));
    common(b, m, big);
    b.putShort((short) (big ? 20 : 0)).put(raw);
    if (big) {
      b.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
    }
    writeAt(b, at);
    channel.position(end);
  }

  /** Writes the directory. */
  public void finish() throws IOException {
    long start = channel.position();
    long at = start;
    for (Member m : members) {
      boolean big = m.size >= MAX32 || m.at >= MAX32;
      ByteBuffer b = buffer(46 + m.name.length + (big ? 28 : 0));
      b.putInt(0x02014b50).putShort((short) (3 << 8 | 20)).putShort((short) (big ? 45 : 20));
      common(b, m, big);
      b.putShort((short) (big ? 28 : 0)).putShort((short) 0).putShort((short) 0);
      b.putShort((short) 0).putInt(0600 << 16).putInt((int) (big ? MAX32 : m.at)).put(m.name);
      if (big) {
        b.putShort((short) 1).putShort((short) 24).putLong(m.size).putLong(m.size).putLong(m.at);
      }
      at = writeAt(b, at);
    }
    boolean big = start >= MAX32 || members.size() >= 0xffff;
    ByteBuffer b = buffer(22 + (big ? 76 : 0));
    int count = members.size();
    if (big) {
      b.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
      b.putInt(0).putInt(0).putLong(count).putLong(count).putLong(at - start).putLong(start);
      b.putInt(0x07064b50).putInt(0).putLong(at).putInt(1);
    }
    b.putInt(0x06054b50).putInt(0).putShort((short) (big ? 0xffff : count));
    b.putShort((short) (big ? 0xffff : count)).putInt((int) (big ? MAX32 : at - start));
    b.putInt((int) (big ? MAX32 : start)).putShort((short) 0);
    channel.position(writeAt(b, at));
  }

  private static void common(ByteBuffer b, Member m, boolean big) {
    int flags = isAscii(m.name) ? 0 : 0x800;
    b.putShort((short) flags).putShort((short) 0);
    b.putShort((short) m.time).putShort((short) m.date).putInt((int) m.crc);
    b.putInt((int) (big ? MAX32 : m.size)).putInt((int) (big ? MAX32 : m.size));
    b.putShort((short) m.name.length);
  }

  private static boolean isAscii(byte[] name) {
    for (byte c : name) {
      if (c < 0) {
        return false;
      }
    }
    return true;
  }

  private static int time(LocalDateTime t) {
    return t == null ? 0 : t.getHour() << 11 | t.getMinute() << 5 | t.getSecond() / 2;
  }

  private static int date(LocalDateTime t) {
    return t == null
        ? EPOCH_DATE
        : t.getYear() - 1980 << 9 | t.getMonthValue() << 5 | t.getDayOfMonth();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long writeAt(ByteBuffer b, long at) throws IOException {
    b.flip();
    while (b.hasRemaining()) {
      at += channel.write(b, at);
    }
    return at;
  }

  /** Counts and sums what goes to the channel, in large pieces. */
  private static final class Counted extends OutputStream {
    private final FileChannel channel;
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[1 << 16];
    private int filled;
    private long size;

    Counted(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int b) throws IOException {
      if (filled == buffer.length) {
        flush();
      }
      buffer[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] b, int offset, int length) throws IOException {
      if (length > buffer.length - filled) {
        flush();
      }
      if (length > buffer.length) {
        send(b, offset, length);
      } else {
        System.arraycopy(b, offset, buffer, filled, length);
        filled += length;
      }
    }

    @Override
    public void flush() throws IOException {
      send(buffer, 0, filled);
      filled = 0;
    }

    private void send(byte[] b, int offset, int length) throws IOException {
      crc.update(b, offset, length);
      size += length;
      ByteBuffer out = ByteBuffer.wrap(b, offset, length);
      while (out.hasRemaining()) {
        channel.write(out);
      }
    }
  }
}
