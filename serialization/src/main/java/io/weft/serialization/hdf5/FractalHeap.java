package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;

/** Objects of a fractal heap, where groups and objects with many links or attributes keep them. */
final class FractalHeap {
  private final Metadata file;
  private final int offsetBytes;
  private final long start;
  private final long width;
  private final int directRows;
  private final long root;
  private final int rootRows;

  FractalHeap(Metadata file, long address) {
    this.file = file;
    Cursor c = file.at(address, 22L + 12L * file.lengthSize + 3L * file.offsetSize);
    c.signature("FRHP");
    c.u8();
    c.u16();
    int filters = c.u16();
    c.u8();
    c.u32();
    c.skip(10L * file.lengthSize + 2L * file.offsetSize);
    width = c.u16();
    start = c.length();
    long maxDirect = c.length();
    int bits = c.u16();
    c.u16();
    root = c.offset();
    rootRows = c.u16();
    offsetBytes = (bits + 7) / 8;
    if (filters != 0) {
      throw file.broken("a heap without filters", "a filtered one");
    }
    if (!isPower(start) || !isPower(maxDirect) || !isPower(width) || offsetBytes > 8) {
      throw file.broken("a heap with sizes that are powers of two", "start size " + start);
    }
    directRows = log2(maxDirect) - log2(start) + 2;
  }

  private static boolean isPower(long v) {
    return v > 0 && v < 1L << 40 && Long.bitCount(v) == 1;
  }

  private static int log2(long v) {
    return 63 - Long.numberOfLeadingZeros(v);
  }

  /** The object that an id of a record names. */
  Cursor object(Cursor id) {
    int kind = id.u8() >>> 4 & 3;
    if (kind == 2) {
      throw file.broken("a managed heap object", "a tiny one");
    }
    if (kind != 0) {
      throw file.broken("a heap object below 64 KB", "a huge one");
    }
    long offset = id.unsigned(offsetBytes);
    long length = id.unsigned(Math.min(8, id.remaining()));
    if (offset < 0) {
      throw file.broken("an offset in the heap", String.valueOf(offset));
    }
    return file.at(rootRows == 0 ? root + offset : find(root, rootRows, offset, 0), length);
  }

  /** Row 0 and 1 hold blocks of the start size, each later row blocks twice as large. */
  private long find(long block, int rows, long offset, int depth) {
    int row = offset < start * width ? 0 : log2(offset / (start * width)) + 1;
    if (row >= rows || depth > 16) {
      throw file.broken("an offset within the heap", String.valueOf(offset));
    }
    long size = row == 0 ? start : start << row - 1;
    long inRow = offset - (row == 0 ? 0 : start * width << row - 1);
    long column = inRow / size;
    long at = block + 5 + file.offsetSize + offsetBytes;
    Cursor head = file.at(block, 4);
    head.signature("FHIB");
    long child = file.at(at + (row * width + column) * file.offsetSize, file.offsetSize).offset();
    long rest = inRow - column * size;
    if (row < directRows) {
      file.source.check(child, rest);
      return child + rest;
    }
    return find(child, log2(size) - log2(start * width) + 1, rest, depth + 1);
  }
}
