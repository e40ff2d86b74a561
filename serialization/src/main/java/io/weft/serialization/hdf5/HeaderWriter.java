package io.weft.serialization.hdf5;

/** Writes one object header of version 1. */
final class HeaderWriter {
  private final Bytes out;
  private final int start;
  private int count;

  HeaderWriter(Bytes out) {
    this.out = out;
    this.start = out.size();
    out.raw(new byte[] {1, 0}).u16(0).u32(1).u32(0).u32(0);
  }

  /** Adds a message and gives the position of its body in the file. */
  int message(int type, Bytes body, int flags) {
    int size = body.size() + 7 & ~7;
    out.u16(type).u16(size).raw(new byte[] {(byte) flags, 0, 0, 0});
    int at = out.size();
    out.raw(body.toArray()).zeros(size - body.size());
    count++;
    return at;
  }

  /** Completes the counts. */
  void finish() {
    int size = out.size() - start - 16;
    out.patch(start + 2, new byte[] {(byte) count, (byte) (count >> 8)});
    out.patch(start + 8, new Bytes().u32(size).toArray());
  }
}
