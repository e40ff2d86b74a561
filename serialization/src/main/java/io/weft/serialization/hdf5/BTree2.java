package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import java.util.function.Consumer;

/** Walks the records of a B-tree of version 2. */
final class BTree2 {
  private static final int OVERHEAD = 10; // signature, version, type, checksum
  private static final int MAX_DEPTH = 16;
  private static final int MAX_RECORDS = 1 << 22;

  private final Metadata file;
  private final Consumer<Cursor> visit;
  private int type;
  private int recordSize;
  private long nodeSize;
  private int[] childSizes;
  private int countSize;
  private long visited;

  private BTree2(Metadata file, Consumer<Cursor> visit) {
    this.file = file;
    this.visit = visit;
  }

  /** Visits each record, in order of neither names nor anything else that matters here. */
  static void walk(Metadata file, long address, Consumer<Cursor> visit) {
    new BTree2(file, visit).header(address);
  }

  private void header(long address) {
    Cursor c = file.at(address, 20L + file.offsetSize + file.lengthSize);
    c.signature("BTHD");
    c.u8();
    type = c.u8();
    nodeSize = c.u32();
    recordSize = c.u16();
    int depth = c.u16();
    c.skip(2);
    long root = c.offset();
    int records = c.u16();
    if (depth > MAX_DEPTH || recordSize < 4 || nodeSize < OVERHEAD + recordSize) {
      throw file.broken("a B-tree", "depth " + depth + ", records of " + recordSize);
    }
    long perLeaf = (nodeSize - OVERHEAD) / recordSize;
    double max = perLeaf;
    double total = max;
    countSize = bytesFor(max);
    childSizes = new int[depth + 1];
    for (int d = 1; d <= depth; d++) {
      childSizes[d] = file.offsetSize + countSize + (d > 1 ? bytesFor(total) : 0);
      max =
          Math.floor((double) (nodeSize - OVERHEAD - childSizes[d]) / (recordSize + childSizes[d]));
      total = (max + 1) * total + max;
    }
    if (root != -1) {
      node(root, depth, records);
    }
  }

  private static int bytesFor(double limit) {
    return limit < 1 ? 1 : Math.getExponent(limit) / 8 + 1;
  }

  private void node(long address, int depth, int records) {
    Cursor c = file.at(address, nodeSize);
    c.signature(depth == 0 ? "BTLF" : "BTIN");
    c.u8();
    if (c.u8() != type) {
      throw file.broken("a node of one B-tree", "another's");
    }
    visited += records + 1;
    if (visited > MAX_RECORDS) {
      throw file.broken("a B-tree of bounded size", "one that goes on and on");
    }
    for (int i = 0; i < records; i++) {
      visit.accept(c.part(recordSize));
    }
    for (int i = 0; depth > 0 && i <= records; i++) {
      Cursor child = c.part(childSizes[depth]);
      node(child.offset(), depth - 1, (int) child.unsigned(countSize));
    }
  }
}
