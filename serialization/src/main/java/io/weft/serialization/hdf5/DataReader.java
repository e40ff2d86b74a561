package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.serialization.io.Elements;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.util.Arrays;

/** The elements of one dataset: compact, contiguous or chunked. */
final class DataReader {
  /** A dataset above {@link #BOMB_SIZE} may not be more than this much larger than stored. */
  static final int BOMB_RATIO = 1000;

  static final long BOMB_SIZE = 64L << 20;

  private final Metadata file;
  private final Elementary elementary;
  private final String who;
  private final Hdf5Type type;
  private final Shape shape;
  private final ObjectHeader header;

  DataReader(
      Metadata file,
      Elementary elementary,
      String path,
      Hdf5Type type,
      Shape shape,
      ObjectHeader header) {
    this.file = file;
    this.elementary = elementary;
    this.who = file.source.name() + ": " + path;
    this.type = type;
    this.shape = shape;
    this.header = header;
  }

  HostArray read() {
    if (header.first(ObjectHeader.EXTERNAL_FILES) != null) {
      throw broken("elements in this file", "external storage, which is not followed");
    }
    ObjectHeader.Message m = header.first(ObjectHeader.LAYOUT);
    if (m == null) {
      throw broken("a layout", "none");
    }
    int n = Elements.count(who, shape);
    if (n == 0) {
      return elementary.decode(who, type, shape, new byte[0]);
    }
    Cursor c = header.cursor(m);
    int version = c.u8();
    if (version < 3) {
      return old(c, n);
    }
    if (version > 4) {
      throw broken("a layout of version 1 to 4", "version " + version);
    }
    int kind = c.u8();
    switch (kind) {
      case 0:
        return elementary.decode(who, type, shape, c.bytes(c.u16()));
      case 1:
        return contiguous(c.offset(), n);
      case 2:
        return chunked(version == 3 ? Chunks.version3(who, c) : Chunks.version4(who, c), n);
      case 3:
        throw broken("elements in this file", "a virtual dataset, which is not followed");
      default:
        throw broken("a layout", "kind " + kind);
    }
  }

  private HostArray old(Cursor c, int n) {
    int rank = c.u8();
    int kind = c.u8();
    c.skip(5);
    if (kind == 1) {
      return contiguous(c.offset(), n);
    }
    if (kind == 0) {
      c.skip(4L * rank);
      return elementary.decode(who, type, shape, c.bytes(c.u32()));
    }
    throw broken("a compact or contiguous layout in this old file", "chunks");
  }

  private HostArray contiguous(long address, int n) {
    long bytes = (long) n * type.size();
    if (address == -1) {
      checkStored(0, bytes); // then less than 64 MiB
      return elementary.decode(who, type, shape, filled((int) bytes));
    }
    if (type.kind() == Hdf5Type.Kind.NUMBER) {
      file.source.check(address, bytes);
      return Elements.read(
          file.source.slice(who, address, bytes), 0, type.dtype(), type.order(), shape);
    }
    return elementary.decode(who, type, shape, file.source.bytes(address, bytes));
  }

  private HostArray chunked(Chunks chunks, int n) {
    Cursor space = header.cursor(header.first(ObjectHeader.DATASPACE));
    chunks.check(shape, Dataspace.maximum(space, shape), type.size());
    long bytes = (long) n * type.size();
    ObjectHeader.Message m = header.first(ObjectHeader.FILTERS);
    Filters filters = m == null ? new Filters(who) : Filters.read(who, header.cursor(m));
    long stored = chunks.find(file, !filters.isEmpty());
    checkStored(stored, bytes);
    if (bytes > Integer.MAX_VALUE - 16) {
      throw broken("less than 2 GiB in chunks", bytes + " bytes");
    }
    byte[] all = filled((int) bytes);
    chunks.copyTo(all, filters);
    return elementary.decode(who, type, shape, all);
  }

  private void checkStored(long stored, long bytes) {
    if (bytes > BOMB_SIZE && bytes / BOMB_RATIO > stored) {
      throw broken(
          "at most " + BOMB_RATIO + " times as many bytes as the file holds for it",
          bytes + " bytes of shape " + shape + " from " + stored);
    }
  }

  /** Bytes of a dataset that was never written: the fill value again and again. */
  private byte[] filled(int bytes) {
    byte[] all = new byte[bytes];
    ObjectHeader.Message m = header.first(ObjectHeader.FILL_VALUE);
    if (m == null || m.shared()) {
      return all;
    }
    Cursor c = header.cursor(m);
    int version = c.u8();
    boolean defined;
    if (version == 3) {
      defined = (c.u8() & 0x20) != 0;
    } else {
      c.skip(2);
      defined = c.u8() != 0;
    }
    if (!defined || c.remaining() < 4) {
      return all;
    }
    long size = c.u32();
    if (size != type.size() || type.kind() == Hdf5Type.Kind.VARIABLE_STRING) {
      return all;
    }
    byte[] value = c.bytes(size);
    if (!Arrays.equals(value, new byte[value.length])) {
      for (int i = 0; i < bytes; i++) {
        all[i] = value[i % value.length];
      }
    }
    return all;
  }

  private ModelFormatException broken(String expected, String received) {
    return new ModelFormatException(who + ": expected " + expected + ". Received: " + received);
  }
}
