package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;

/**
 * The array of chunk addresses of HDF5 1.10 and later: one of fixed size, or one that grows with
 * the only unlimited axis. Both are looked up by the number of a chunk.
 */
abstract sealed class ChunkArray {
  private static final int MAX_ENTRIES = 1 << 22;

  final Metadata file;
  final boolean filtered;
  final int entrySize;

  private ChunkArray(Metadata file, boolean filtered, int entrySize) {
    this.file = file;
    this.filtered = filtered;
    this.entrySize = entrySize;
    if (entrySize < file.offsetSize + (filtered ? 5 : 0)) {
      throw file.broken("entries that hold an address", entrySize + " bytes");
    }
  }

  /** The array whose header lies at an address. */
  static ChunkArray open(Metadata file, long address, boolean growing) {
    Cursor c = file.at(address, growing ? 12L + 6L * file.lengthSize + file.offsetSize : 8L);
    c.signature(growing ? "EAHD" : "FAHD");
    c.u8();
    boolean filtered = c.u8() == 1;
    int entrySize = c.u8();
    return growing
        ? new Growing(file, filtered, entrySize, c)
        : new Fixed(file, filtered, entrySize, address);
  }

  /** Whether entries have sizes and masks. */
  final boolean isFiltered() {
    return filtered;
  }

  final int entrySize() {
    return entrySize;
  }

  /** The entry of a chunk, or null where none was made. */
  abstract Cursor entry(long index);

  /** Entries {@code from} on of a block that may be cut into pages with a checksum each. */
  final Cursor inPages(long at, long index, long perPage, boolean paged) {
    long page = paged ? index / perPage : 0;
    return file.at(at + index * entrySize + page * 4, entrySize);
  }

  private static final class Fixed extends ChunkArray {
    private final long count;
    private final long perPage;
    private final long pages;
    private final long start;
    private final byte[] written;

    Fixed(Metadata file, boolean filtered, int entrySize, long address) {
      super(file, filtered, entrySize);
      Cursor c = file.at(address + 7, 1L + file.lengthSize + file.offsetSize);
      int pageBits = c.u8();
      count = c.length();
      long block = c.offset();
      if (count < 0 || count > MAX_ENTRIES || pageBits > 30) {
        throw file.broken("at most " + MAX_ENTRIES + " chunks", String.valueOf(count));
      }
      perPage = 1L << pageBits;
      pages = count > perPage ? (count + perPage - 1) / perPage : 0;
      long bitmap = (pages + 7) / 8;
      start = block == -1 ? -1 : block + 6 + file.offsetSize + bitmap + (pages > 0 ? 4 : 0);
      if (block == -1) {
        written = new byte[0];
      } else {
        file.at(block, 4).signature("FADB");
        written = file.at(block + 6 + file.offsetSize, bitmap).bytes(bitmap);
      }
    }

    @Override
    Cursor entry(long index) {
      if (start == -1 || index >= count) {
        return null;
      }
      int page = (int) (index / perPage);
      // a page that was never written holds no entries yet
      if (pages > 0 && (written[page / 8] >>> 7 - page % 8 & 1) == 0) {
        return null;
      }
      return inPages(start, index, perPage, pages > 0);
    }
  }

  /**
   * The first entries lie in the index block, the next in data blocks that it names, the others in
   * data blocks that super blocks name. Super block u has 2^(u/2) data blocks of min·2^((u+1)/2)
   * entries.
   */
  private static final class Growing extends ChunkArray {
    private final int direct;
    private final long smallest;
    private final int directSupers;
    private final int pageBits;
    private final int offsetBytes;
    private final long index;

    Growing(Metadata file, boolean filtered, int entrySize, Cursor c) {
      super(file, filtered, entrySize);
      int bits = c.u8();
      direct = c.u8();
      smallest = c.u8();
      int pointers = c.u8();
      pageBits = c.u8();
      offsetBytes = (bits + 7) / 8;
      c.skip(6L * file.lengthSize);
      index = c.offset();
      if (Long.bitCount(smallest) != 1 || Integer.bitCount(pointers) != 1 || bits > 60) {
        throw file.broken("an array with sizes that are powers of two", "others");
      }
      directSupers = 2 * log2(pointers);
      if (index != -1) {
        file.at(index, 4).signature("EAIB");
      }
    }

    private static int log2(long v) {
      return 63 - Long.numberOfLeadingZeros(v);
    }

    private long address(long at, long i) {
      return file.at(at + i * file.offsetSize, file.offsetSize).offset();
    }

    @Override
    Cursor entry(long i) {
      if (index == -1) {
        return null;
      }
      long at = index + 6 + file.offsetSize;
      if (i < direct) {
        return file.at(at + i * entrySize, entrySize);
      }
      long rest = i - direct;
      int u = log2(rest / smallest + 1);
      long inSuper = rest - smallest * ((1L << u) - 1);
      long blockEntries = smallest << (u + 1) / 2;
      long block = inSuper / blockEntries;
      long within = inSuper % blockEntries;
      boolean paged = blockEntries > 1L << pageBits;
      at += (long) direct * entrySize;
      if (u < directSupers) {
        // blocks of all super blocks before this one
        long before = u % 2 == 0 ? 2 * ((1L << u / 2) - 1) : 3 * (1L << u / 2) - 2;
        return inBlock(address(at, before + block), within, paged);
      }
      long directBlocks = 2 * ((1L << directSupers / 2) - 1);
      long superAt = address(at + directBlocks * file.offsetSize, u - directSupers);
      if (superAt == -1) {
        return null;
      }
      file.at(superAt, 4).signature("EASB");
      long head = superAt + 6 + file.offsetSize + offsetBytes;
      if (paged) {
        long pages = blockEntries >>> pageBits;
        long bitmap = (pages + 7) / 8;
        long page = within >>> pageBits;
        int b = file.at(head + block * bitmap + page / 8, 1).u8();
        if ((b >>> 7 - page % 8 & 1) == 0) {
          return null;
        }
        head += bitmap << u / 2;
      }
      return inBlock(address(head, block), within, paged);
    }

    private Cursor inBlock(long block, long within, boolean paged) {
      if (block == -1) {
        return null;
      }
      file.at(block, 4).signature("EADB");
      long at = block + 6 + file.offsetSize + offsetBytes + (paged ? 4 : 0);
      return inPages(at, within, 1L << pageBits, paged);
    }
  }
}
