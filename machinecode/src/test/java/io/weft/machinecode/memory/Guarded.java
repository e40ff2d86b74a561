package io.weft.machinecode.memory;

import java.lang.foreign.MemorySegment;

/** Memory between two inaccessible pages: whatever touches a byte beside it ends the process. */
public final class Guarded {
  private static final long PAGE = 4096;

  private Guarded() {}

  /** So many floats that end (or begin) exactly at an inaccessible page. */
  public static MemorySegment floats(long n, boolean atEnd) {
    long bytes = n * Float.BYTES;
    long inner = Math.max(1, (bytes + PAGE - 1) / PAGE) * PAGE;
    MemorySegment all = CodeMemory.map(inner + 2 * PAGE);
    CodeMemory.protect(all.asSlice(0, PAGE), 0);
    CodeMemory.protect(all.asSlice(PAGE + inner, PAGE), 0);
    return all.asSlice(PAGE + (atEnd ? inner - bytes : 0), bytes);
  }

  /** A copy of {@code x} there. */
  public static MemorySegment copy(float[] x, boolean atEnd) {
    return floats(x.length, atEnd).copyFrom(MemorySegment.ofArray(x));
  }
}
