package io.weft.machinecode.gemm;

import io.weft.engine.gemm.GemmKernel.Lines;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Calls of {@link LinesCode}. A kernel is assembled and tried when a tile of its height is first
 * needed, which is in training.
 */
final class LineKernels {
  private static final Logger LOG = System.getLogger(LineKernels.class.getName());
  private static final int MOST_COLUMNS = 512;
  private static final long CALL = 1 << 25; // multiplications: a call ends within a millisecond
  private static final long FAILED = -1;

  private final Isa isa;
  private final int lanes;
  private final AtomicLongArray addresses = new AtomicLongArray(64); // by height, one or two

  LineKernels(Isa isa) {
    this.isa = isa;
    this.lanes = isa.lanes();
  }

  /** Where A, B and C begin, and how far their rows are apart; in floats. */
  record Operands(
      MemorySegment a,
      long ao,
      MemorySegment b,
      long bo,
      int rowB,
      MemorySegment c,
      long co,
      int ldc) {
    private Operands shift(int columns) {
      return new Operands(a, ao, b, bo + columns, rowB, c, co + columns, ldc);
    }
  }

  /** With AVX2, a row of B ends with a whole panel. */
  boolean serves(int n) {
    return n > 0 && (isa == Isa.AVX512 || n % (2 * lanes) == 0);
  }

  /**
   * Adds {@code m} rows and {@code n} columns. All that is read and written must have been checked.
   *
   * @return false where a kernel did not pass its test; then C is as it was
   */
  boolean add(int m, int n, Lines walk, Operands o) {
    int rest = n % (2 * lanes);
    int wide = rest > lanes ? n : n - rest; // in panels of two vectors
    if (!isReady(m, wide, 2) || !isReady(m, n - wide, 1)) {
      return false;
    }
    for (int j = 0; j < wide; j += MOST_COLUMNS) {
      columns(m, Math.min(MOST_COLUMNS, wide - j), 2, walk, o.shift(j));
    }
    if (wide < n) {
      columns(m, n - wide, 1, walk, o.shift(wide));
    }
    return true;
  }

  private boolean isReady(int m, int n, int vectors) {
    int blocks = blocks(m, vectors);
    int height = (m + blocks - 1) / blocks;
    return n == 0
        || address(height, vectors) != FAILED
            && (blocks * height == m || address(height - 1, vectors) != FAILED);
  }

  private int blocks(int m, int vectors) {
    int most = LinesCode.mostRows(isa, vectors);
    return (m + most - 1) / most;
  }

  /** Columns of one kind of tile, rows in tiles of nearly equal height. */
  private void columns(int m, int n, int vectors, Lines walk, Operands o) {
    Frame f = frame(n, vectors, walk, o);
    int blocks = blocks(m, vectors);
    int height = (m + blocks - 1) / blocks;
    int tall = m - blocks * (height - 1); // so many blocks, the others have a row less
    long terms = (long) walk.planes() * walk.lines() * walk.terms();
    int most = (int) Math.max(1, CALL / (terms * n * height));
    for (int i = 0; i < tall; i += most) {
      run(address(height, vectors), f, o, i * height, Math.min(most, tall - i));
    }
    for (int i = tall; i < blocks; i += most) {
      int row = tall + i * (height - 1);
      run(address(height - 1, vectors), f, o, row, Math.min(most, blocks - i));
    }
  }

  private Frame frame(int n, int vectors, Lines walk, Operands o) {
    Frame f = Frame.own();
    int width = vectors * lanes;
    int panels = (n + width - 1) / width;
    int last = n - (panels - 1) * width;
    f.set(Slot.PANELS, panels);
    f.set(Slot.PARTIAL, last < width ? 1 : 0);
    f.set(Slot.MASKS, Tail.mask(isa, last));
    f.set(Slot.MASKS + 1, Tail.mask(isa, last - lanes));
    f.set(Slot.A_COLUMN, bytes(walk.term()));
    f.set(Slot.DEPTH, walk.terms());
    f.set(Slot.TAPS, walk.lines());
    f.set(Slot.TAP, bytes(walk.line()));
    f.set(Slot.PLANES, walk.planes());
    f.set(Slot.PLANE, bytes(walk.plane()));
    f.set(Slot.B_OFFSET, bytes(o.bo));
    f.set(Slot.B_ROW, bytes(o.rowB));
    f.set(Slot.C_ROW, bytes(o.ldc));
    f.set(Slot.STEPS, Slot.ADD_C);
    return f;
  }

  private static long bytes(long floats) {
    return floats * Float.BYTES;
  }

  private static void run(long address, Frame f, Operands o, int row, int blocks) {
    f.set(Slot.A_OFFSET, bytes(o.ao + row));
    f.set(Slot.C_OFFSET, bytes(o.co + (long) row * o.ldc));
    f.set(Slot.ROW_BLOCKS, blocks);
    NativeCall.run(address, o.a, o.b, o.c, f);
  }

  private long address(int rows, int vectors) {
    long address = addresses.get(2 * rows + vectors - 1);
    return address != 0 ? address : make(rows, vectors);
  }

  /** Two threads may make the same kernel at once; both are right. */
  private long make(int rows, int vectors) {
    long made;
    try {
      made = CodeMemory.install(List.of(LinesCode.assemble(isa, rows, vectors)))[0];
      test(made, rows, vectors);
    } catch (IllegalStateException | UnsupportedOperationException e) {
      LOG.log(Level.WARNING, "kernels: no machine code for the gradient of a filter", e);
      made = FAILED;
    }
    addresses.set(2 * rows + vectors - 1, made);
    return made;
  }

  /** A whole panel and, where there are masks, a partial one, with sums that are exact. */
  private void test(long address, int rows, int vectors) {
    int width = vectors * lanes;
    int n = isa == Isa.AVX512 ? 2 * width - 3 : 2 * width;
    Lines walk = new Lines(2, 90, 2, 40, 5, 7);
    float[] a = new float[90 + 40 + 4 * 7 + rows];
    float[] b = new float[20 * n];
    float[] c = new float[(rows + 1) * n];
    fill(a, 7);
    fill(b, 5);
    Arrays.fill(c, 3);
    Operands o =
        new Operands(
            MemorySegment.ofArray(a),
            0,
            MemorySegment.ofArray(b),
            0,
            n,
            MemorySegment.ofArray(c),
            0,
            n);
    run(address, frame(n, vectors, walk, o), o, 0, 1);
    for (int i = 0; i < c.length; i++) {
      double sum = 3;
      for (int k = 0; k < 20 && i / n < rows; k++) {
        int from = k / 10 * 90 + k / 5 % 2 * 40 + k % 5 * 7;
        sum += (double) a[from + i / n] * b[k * n + i % n];
      }
      if (c[i] != sum) {
        throw new IllegalStateException(
            "machine code: a sum of lines, " + rows + " rows, gave " + c[i] + " for " + sum);
      }
    }
  }

  /** Small multiples of 1/8, so that sums are exact. */
  private static void fill(float[] x, int step) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * step % 23 - 11) / 8f;
    }
  }
}
