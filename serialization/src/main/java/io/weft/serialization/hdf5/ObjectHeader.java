package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The messages that describe one object, of header versions 1 and 2 with their continuations. */
final class ObjectHeader {
  static final int DATASPACE = 1;
  static final int LINK_INFO = 2;
  static final int DATATYPE = 3;
  static final int FILL_VALUE = 5;
  static final int LINK = 6;
  static final int EXTERNAL_FILES = 7;
  static final int LAYOUT = 8;
  static final int FILTERS = 11;
  static final int ATTRIBUTE = 12;
  static final int CONTINUATION = 16;
  static final int SYMBOL_TABLE = 17;
  static final int ATTRIBUTE_INFO = 21;

  private static final int MAX_BLOCKS = 4096;
  private static final int MAX_MESSAGES = 1 << 16;

  /** One message; {@code shared} means that the body only says where the message is. */
  record Message(int type, boolean shared, byte[] body) {}

  private record Block(long at, long length) {}

  private final Metadata file;
  private final List<Message> messages = new ArrayList<>();
  private final Deque<Block> blocks = new ArrayDeque<>();
  private int blockCount;

  private ObjectHeader(Metadata file) {
    this.file = file;
  }

  static ObjectHeader read(Metadata file, long address) {
    ObjectHeader h = new ObjectHeader(file);
    int first = file.at(address, 1).u8();
    if (first == 1) {
      h.readV1(address);
    } else if (first == 'O') {
      h.readV2(address);
    } else {
      throw file.broken("an object header at " + address, "other bytes; the file is damaged");
    }
    return h;
  }

  List<Message> all(int type) {
    List<Message> r = new ArrayList<>();
    for (Message m : messages) {
      if (m.type == type) {
        r.add(m);
      }
    }
    return r;
  }

  /** The first message of a type, or null. */
  Message first(int type) {
    for (Message m : messages) {
      if (m.type == type) {
        return m;
      }
    }
    return null;
  }

  Cursor cursor(Message m) {
    return new Cursor(file, java.nio.ByteBuffer.wrap(m.body));
  }

  private void readV1(long address) {
    Cursor c = file.at(address, 16);
    c.skip(2);
    int count = c.u16();
    c.skip(4);
    blocks.add(new Block(address + 16, c.u32()));
    for (Block b = blocks.poll(); b != null; b = blocks.poll()) {
      c = file.at(b.at, b.length);
      while (c.remaining() >= 8 && messages.size() < count) {
        int type = c.u16();
        int size = c.u16();
        int flags = c.u8();
        c.skip(3);
        add(type, flags, c.bytes(size));
      }
    }
  }

  private void readV2(long address) {
    Cursor c = file.at(address, Math.min(64, file.source.size() - address));
    c.signature("OHDR");
    if (c.u8() != 2) {
      throw file.broken("an object header of version 1 or 2 at " + address, "another");
    }
    int flags = c.u8();
    c.skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
    long size = c.unsigned(1 << (flags & 3));
    blocks.add(new Block(address + c.position(), size));
    boolean first = true;
    for (Block b = blocks.poll(); b != null; b = blocks.poll()) {
      if (first) {
        c = file.at(b.at, b.length);
        first = false;
      } else {
        c = file.at(b.at, b.length);
        c.signature("OCHK");
        c = c.part(Math.max(0, c.remaining() - 4));
      }
      int head = (flags & 4) != 0 ? 6 : 4;
      while (c.remaining() >= head) {
        int type = c.u8();
        int length = c.u16();
        int messageFlags = c.u8();
        c.skip(head - 4);
        add(type, messageFlags, c.bytes(length));
      }
    }
  }

  private void add(int type, int flags, byte[] body) {
    Message m = new Message(type, (flags & 2) != 0, body);
    messages.add(m);
    if (type == CONTINUATION) {
      Cursor c = cursor(m);
      blocks.add(new Block(c.offset(), c.length()));
      blockCount++;
    }
    if (blockCount > MAX_BLOCKS || messages.size() > MAX_MESSAGES) {
      throw file.broken("an object header of bounded size", "one that goes on and on");
    }
  }
}
