package io.weft.machinecode.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.weft.machinecode.asm.Isa;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Masks of the first lanes, in the form in which a frame passes them to a kernel. */
public final class Tail {
  private static final int LANES = Isa.AVX2.lanes();

  private Tail() {}

  /** Eight ones, then eight zeros: a mask of n lanes starts 8 − n into it. */
  private static final class Table {
    static final MemorySegment MASKS = Arena.global().allocate(2L * LANES * Integer.BYTES, 64);

    static {
      int[] ones = new int[LANES];
      Arrays.fill(ones, -1);
      MemorySegment.copy(ones, 0, MASKS, JAVA_INT, 0, LANES);
    }
  }

  /** For AVX-512 the bits of a mask of {@code n} lanes, for AVX2 the address of one. */
  public static long mask(Isa isa, int n) {
    int lanes = Math.max(0, Math.min(isa.lanes(), n));
    return isa == Isa.AVX512
        ? (1L << lanes) - 1
        : Table.MASKS.address() + (long) (LANES - lanes) * Integer.BYTES;
  }
}
