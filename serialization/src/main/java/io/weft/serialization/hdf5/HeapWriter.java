package io.weft.serialization.hdf5;

/** Collects texts in global heap collections; addresses count from the start of the first one. */
final class HeapWriter {
  private static final int MINIMUM = 4096;
  private static final int MAX_OBJECTS = 4096;
  private static final int FULL = 1 << 16;

  private final Bytes done = new Bytes();
  private Bytes open = new Bytes();
  private int objects;

  /** Adds a text; gives the address of its collection and its index there. */
  long[] add(byte[] text) {
    if (objects == MAX_OBJECTS || open.size() > 0 && open.size() + text.length > FULL) {
      close();
    }
    objects++;
    open.u16(objects).u16(1).u32(0).u64(text.length).raw(text).align8();
    return new long[] {done.size(), objects};
  }

  private void close() {
    if (objects == 0) {
      return;
    }
    int size = Math.max(MINIMUM, 16 + open.size());
    int free = size - 16 - open.size();
    done.text("GCOL").u32(1).u64(size).raw(open.toArray());
    if (free >= 16) {
      // object 0 is the free space, its own head included
      done.u64(0).u64(free).zeros(free - 16);
    } else {
      done.zeros(free);
    }
    open = new Bytes();
    objects = 0;
  }

  byte[] toBytes() {
    close();
    return done.toArray();
  }
}
