package io.weft.machinecode.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for packed numbers at multiples of 64 bytes, freed by the garbage collector. Each thread
 * keeps a few pieces for reuse.
 */
public final class OffHeap {
  private static final int LINE = 64;
  private static final int KEPT = 6;
  private static final long LARGEST_KEPT = 64L << 20;
  private static final ThreadLocal<MemorySegment[]> OWN = new ThreadLocal<>();

  private OffHeap() {}

  /**
   * New memory. Where the JVM's limit of memory outside of the heap is reached, an array on the
   * heap serves: slower, since its numbers lie across cache lines.
   */
  public static MemorySegment allocate(long bytes) {
    long size = Math.max(LINE, bytes);
    try {
      return Arena.ofAuto().allocate(size, LINE);
    } catch (OutOfMemoryError e) {
      long floats = (size + 3) / Float.BYTES;
      if (floats > Integer.MAX_VALUE - 8) {
        throw e;
      }
      return MemorySegment.ofArray(new float[(int) floats]);
    }
  }

  /** Memory of at least so many bytes with arbitrary contents, for {@link #give}. */
  public static MemorySegment take(long bytes) {
    MemorySegment[] free = own();
    int best = -1;
    for (int i = 0; i < KEPT; i++) {
      if (free[i] != null
          && free[i].byteSize() >= bytes
          && (best < 0 || free[i].byteSize() < free[best].byteSize())) {
        best = i;
      }
    }
    if (best >= 0) {
      MemorySegment found = free[best];
      free[best] = null;
      return found;
    }
    return allocate(bytes + (bytes >> 2) + 4096);
  }

  private static MemorySegment[] own() {
    MemorySegment[] own = OWN.get();
    if (own == null) {
      own = new MemorySegment[KEPT];
      OWN.set(own);
    }
    return own;
  }

  /** Ends the use of what {@link #take} gave to this thread. */
  public static void give(MemorySegment memory) {
    if (memory.byteSize() > LARGEST_KEPT) {
      return;
    }
    MemorySegment[] free = own();
    int smallest = 0;
    for (int i = 0; i < KEPT; i++) {
      if (free[i] == null) {
        free[i] = memory;
        return;
      }
      if (free[i].byteSize() < free[smallest].byteSize()) {
        smallest = i;
      }
    }
    if (free[smallest].byteSize() < memory.byteSize()) {
      free[smallest] = memory;
    }
  }
}
