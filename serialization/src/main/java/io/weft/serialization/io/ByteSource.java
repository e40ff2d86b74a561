package io.weft.serialization.io;

import io.weft.error.ModelFormatException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Random access to the bytes of a file, of a part of one, or of an array. Every read is checked
 * against the size: a range that the source does not have is a {@link ModelFormatException}. Reads
 * from several threads do not disturb each other.
 */
public abstract class ByteSource implements AutoCloseable {
  private final String name;
  private final long size;

  private ByteSource(String name, long size) {
    this.name = name;
    this.size = size;
  }

  /** The bytes of an array, which is not copied; {@code name} appears in messages. */
  public static ByteSource of(String name, byte[] bytes) {
    return new Memory(name, bytes);
  }

  /** The bytes of a file, which stays open until {@link #close}. */
  public static ByteSource open(Path file) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      return new Channel(file.toString(), channel, channel.size());
    } catch (IOException e) {
      closeQuietly(channel);
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // the failure that led here is the one to report
      }
    }
  }

  /** The file, or file and member, for messages. */
  public final String name() {
    return name;
  }

  public final long size() {
    return size;
  }

  /** Fills part of an array from position {@code at}. */
  public final void read(long at, byte[] into, int offset, int length) {
    check(at, length);
    copy(at, into, offset, length);
  }

  /** A fresh array of bytes; the range is checked before anything is allocated. */
  public final byte[] bytes(long at, long length) {
    check(at, length);
    if (length > Integer.MAX_VALUE - 16) {
      throw new ModelFormatException(
          name + ": expected less than 2 GiB in one piece. Received: " + length + " bytes");
    }
    byte[] b = new byte[(int) length];
    copy(at, b, 0, b.length);
    return b;
  }

  /** Part of this source under another name; closing it closes nothing. */
  public final ByteSource slice(String name, long at, long length) {
    check(at, length);
    ByteSource whole = this;
    return new ByteSource(name, length) {
      @Override
      void copy(long from, byte[] into, int offset, int n) {
        whole.read(at + from, into, offset, n);
      }
    };
  }

  /** Refuses a range that does not lie within this source. */
  public final void check(long at, long length) {
    if (at < 0 || length < 0 || at > size || length > size - at) {
      throw new ModelFormatException(
          name
              + ": expected "
              + Long.toUnsignedString(length)
              + " bytes at "
              + Long.toUnsignedString(at)
              + ". Received: a file of "
              + size
              + " bytes; it is truncated or damaged");
    }
  }

  abstract void copy(long at, byte[] into, int offset, int length);

  /** Closes the file behind this source, if it has one. */
  @Override
  public void close() {}

  private static final class Memory extends ByteSource {
    private final byte[] bytes;

    Memory(String name, byte[] bytes) {
      super(name, bytes.length);
      this.bytes = bytes;
    }

    @Override
    void copy(long at, byte[] into, int offset, int length) {
      System.arraycopy(bytes, (int) at, into, offset, length);
    }
  }

  private static final class Channel extends ByteSource {
    private final FileChannel channel;

    Channel(String name, FileChannel channel, long size) {
      super(name, size);
      this.channel = channel;
    }

    @Override
    void copy(long at, byte[] into, int offset, int length) {
      ByteBuffer b = ByteBuffer.wrap(into, offset, length);
      try {
        while (b.hasRemaining()) {
          int n = channel.read(b, at + b.position() - offset);
          if (n < 0) {
            throw new EOFException(name() + ": the file became shorter while it was read");
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
