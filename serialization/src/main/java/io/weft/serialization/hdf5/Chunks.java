package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The chunks of a dataset: where each is, and how they make one array. */
final class Chunks {
  private static final int MAX_CHUNKS = 1 << 22;
  private static final int SINGLE = 1;
  private static final int IMPLICIT = 2;
  private static final int FIXED_ARRAY = 3;
  private static final int EXTENSIBLE_ARRAY = 4;

  /** A stored chunk: its first element, and where its bytes are. */
  private record Chunk(long[] offset, long address, long size, long mask) {}

  private final String who;
  private final int[] dims;
  private final int elementSize;
  private final int index;
  private final long address;
  private final long singleSize;
  private final long singleMask;
  private final List<Chunk> chunks = new ArrayList<>();
  private Metadata file;
  private int[] shape;
  private long[] maximum;

  private Chunks(String who, int[] dimsAndSize, int index, long address, long size, long mask) {
    this.who = who;
    this.dims = Arrays.copyOf(dimsAndSize, dimsAndSize.length - 1);
    this.elementSize = dimsAndSize[dimsAndSize.length - 1];
    this.index = index;
    this.address = address;
    this.singleSize = size;
    this.singleMask = mask;
  }

  /** Layout version 3: a B-tree of version 1 (index 0 here). */
  static Chunks version3(String who, Cursor c) {
    int rank = c.u8();
    long address = c.offset();
    return new Chunks(who, dims(who, c, rank, 4), 0, address, 0, 0);
  }

  /** Layout version 4: one of five kinds of index. */
  static Chunks version4(String who, Cursor c) {
    int flags = c.u8();
    int rank = c.u8();
    int[] dims = dims(who, c, rank, c.u8());
    int index = c.u8();
    long size = 0;
    long mask = 0;
    if (index == SINGLE && (flags & 2) != 0) {
      size = c.length();
      mask = c.u32();
    } else if (index == FIXED_ARRAY) {
      c.u8();
    } else if (index == EXTENSIBLE_ARRAY) {
      c.skip(5);
    } else if (index > EXTENSIBLE_ARRAY) {
      c.skip(6);
    }
    return new Chunks(who, dims, index, c.offset(), size, mask);
  }

  private static int[] dims(String who, Cursor c, int rank, int width) {
    if (rank < 1 || rank > 33 || width < 1 || width > 8) {
      throw broken(who, "chunks of at most 32 axes", String.valueOf(rank - 1));
    }
    int[] d = new int[rank];
    for (int i = 0; i < rank; i++) {
      long v = c.unsigned(width);
      if (v < 1 || v > Integer.MAX_VALUE) {
        throw broken(who, "positive chunk sizes below 2^31", String.valueOf(v));
      }
      d[i] = (int) v;
    }
    return d;
  }

  /** Refuses chunks that do not fit a dataset; {@code maximum} has −1 for an unlimited axis. */
  void check(Shape shape, long[] maximum, int size) {
    this.maximum = maximum;
    if (dims.length != shape.rank() || elementSize != size) {
      throw broken(
          who,
          "chunks of rank " + shape.rank() + " with elements of " + size + " bytes",
          "rank " + dims.length + ", " + elementSize + " bytes");
    }
    this.shape = shape.dims();
    double bytes = size;
    for (int d : dims) {
      bytes *= d;
    }
    if (bytes > Integer.MAX_VALUE - 1024) {
      throw broken(who, "chunks below 2 GiB", Arrays.toString(dims));
    }
  }

  /** Looks up all chunks and gives the bytes they take in the file. */
  long find(Metadata file, boolean filtered) {
    this.file = file;
    if (address != -1) {
      switch (index) {
        case 0:
          tree(address, -1);
          break;
        case SINGLE:
          long size = filtered ? singleSize : chunkBytes();
          chunks.add(new Chunk(new long[dims.length], address, size, singleMask));
          break;
        case IMPLICIT:
          implicit();
          break;
        case FIXED_ARRAY:
        case EXTENSIBLE_ARRAY:
          array(ChunkArray.open(file, address, index == EXTENSIBLE_ARRAY));
          break;
        default:
          BTree2.walk(file, address, record -> record(record, filtered));
      }
    }
    long stored = 0;
    for (Chunk c : chunks) {
      file.source.check(c.address, c.size);
      stored += c.size;
    }
    if (stored > file.source.size()) {
      throw broken(who, "chunks that do not share bytes", stored + " bytes in all");
    }
    return stored;
  }

  private void record(Cursor c, boolean filtered) {
    long at = c.offset();
    long size = chunkBytes();
    long mask = 0;
    if (filtered) {
      size = c.unsigned(Math.max(1, Math.min(8, c.remaining() - 4 - 8 * dims.length)));
      mask = c.u32();
    }
    long[] offset = new long[dims.length];
    for (int i = 0; i < offset.length; i++) {
      offset[i] = Math.multiplyExact(c.unsigned(8) & 0x7fffffff, (long) dims[i]);
    }
    chunks.add(new Chunk(offset, at, size, mask));
  }

  /** Chunks are numbered over the largest grid; an axis without limit counts as the outermost. */
  private void array(ChunkArray entries) {
    int rank = dims.length;
    long[] stride = new long[rank];
    long step = 1;
    int unlimited = -1;
    for (int i = rank - 1; i >= 0; i--) {
      if (maximum[i] < 0 && unlimited < 0) {
        unlimited = i;
      }
    }
    for (int i = rank - 1; i >= 0; i--) {
      if (i != unlimited) {
        stride[i] = step;
        step = Math.multiplyExact(step, (maximum[i] + dims[i] - 1) / dims[i]);
      }
    }
    if (unlimited >= 0) {
      stride[unlimited] = step;
    }
    grid(
        offset -> {
          long number = 0;
          for (int i = 0; i < rank; i++) {
            number += offset[i] / dims[i] * stride[i];
          }
          Cursor e = entries.entry(number);
          long at = e == null ? -1 : e.offset();
          if (at != -1) {
            int width = entries.entrySize() - file.offsetSize - 4;
            long size = entries.isFiltered() ? e.unsigned(width) : chunkBytes();
            chunks.add(new Chunk(offset, at, size, entries.isFiltered() ? e.u32() : 0));
          }
        });
  }

  private void implicit() {
    long[] next = {address};
    grid(
        offset -> {
          chunks.add(new Chunk(offset, next[0], chunkBytes(), 0));
          next[0] += chunkBytes();
        });
  }

  private void grid(java.util.function.Consumer<long[]> visit) {
    double count = 1;
    for (int i = 0; i < dims.length; i++) {
      count *= Math.ceil((double) shape[i] / dims[i]);
    }
    if (count > MAX_CHUNKS) {
      throw broken(who, "at most " + MAX_CHUNKS + " chunks", String.valueOf(count));
    }
    long[] at = new long[dims.length];
    for (long k = 0; k < (long) count; k++) {
      visit.accept(at.clone());
      for (int i = dims.length - 1; i >= 0; i--) {
        at[i] += dims[i];
        if (at[i] < shape[i]) {
          break;
        }
        at[i] = 0;
      }
    }
  }

  private void tree(long node, int expectedLevel) {
    Cursor c = file.at(node, 8 + 2L * file.offsetSize);
    c.signature("TREE");
    int type = c.u8();
    int level = c.u8();
    int used = c.u16();
    if (type != 1 || expectedLevel >= 0 && level != expectedLevel) {
      throw broken(who, "a tree node of chunks at " + node, "type " + type + " level " + level);
    }
    int keySize = 8 + 8 * (dims.length + 1);
    c = file.at(node + 8 + 2L * file.offsetSize, (long) used * (keySize + file.offsetSize));
    for (int i = 0; i < used; i++) {
      long size = c.u32();
      long mask = c.u32();
      long[] offset = new long[dims.length];
      for (int k = 0; k < offset.length; k++) {
        offset[k] = c.unsigned(8);
      }
      c.skip(8);
      long child = c.offset();
      if (level > 0) {
        tree(child, level - 1);
      } else {
        chunks.add(new Chunk(offset, child, size, mask));
      }
      if (chunks.size() > MAX_CHUNKS) {
        throw broken(who, "at most " + MAX_CHUNKS + " chunks", "more");
      }
    }
  }

  private int chunkBytes() {
    int n = elementSize;
    for (int d : dims) {
      n *= d;
    }
    return n;
  }

  /** Puts every chunk at its place in the whole row-major array. */
  void copyTo(byte[] all, Filters filters) {
    int size = chunkBytes();
    for (Chunk c : chunks) {
      if (size > DataReader.BOMB_SIZE && size / Filters.BOMB_RATIO > c.size) {
        throw broken(who, "a chunk of a size that its bytes allow", size + " from " + c.size);
      }
      byte[] stored = file.source.bytes(c.address, c.size);
      place(filters.isEmpty() ? exact(stored, size) : filters.undo(stored, c.mask, size), c, all);
    }
  }

  private byte[] exact(byte[] b, int size) {
    if (b.length != size) {
      throw broken(who, "a chunk of " + size + " bytes", b.length + " bytes");
    }
    return b;
  }

  private void place(byte[] chunk, Chunk c, byte[] all) {
    int rank = dims.length;
    for (int i = 0; i < rank; i++) {
      if (c.offset[i] < 0 || c.offset[i] >= shape[i] || c.offset[i] % dims[i] != 0) {
        throw broken(who, "chunks inside " + Arrays.toString(shape), Arrays.toString(c.offset));
      }
    }
    int row = (int) Math.min(dims[rank - 1], shape[rank - 1] - c.offset[rank - 1]) * elementSize;
    int[] at = new int[rank];
    while (true) {
      long to = 0;
      long from = 0;
      for (int i = 0; i < rank; i++) {
        to = to * shape[i] + c.offset[i] + at[i];
        from = from * dims[i] + at[i];
      }
      System.arraycopy(chunk, (int) from * elementSize, all, (int) (to * elementSize), row);
      int i = rank - 2;
      for (; i >= 0; i--) {
        if (++at[i] < dims[i] && c.offset[i] + at[i] < shape[i]) {
          break;
        }
        at[i] = 0;
      }
      if (i < 0) {
        return;
      }
    }
  }

  private static ModelFormatException broken(String who, String expected, String received) {
    return new ModelFormatException(who + ": expected " + expected + ". Received: " + received);
  }
}
