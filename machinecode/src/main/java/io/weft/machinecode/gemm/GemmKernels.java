package io.weft.machinecode.gemm;

import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernels of matrix products as methods on memory. Offsets and distances count bytes; nothing
 * is checked. Any thread may call any method.
 */
final class GemmKernels {
  private static final int FEW = 6; // with fewer rows, one vector takes as long as two

  private final Isa isa;
  private final int mostRows;
  private final int columns;
  private final long[] product; // by number of rows
  private final long[] narrow; // the same, for no more columns than a vector has lanes
  private final long pack;
  private final long transpose;
  private final long row;

  /** Assembles and installs them. */
  GemmKernels(Isa isa) {
    this.isa = isa;
    mostRows = ProductCode.mostRows(isa);
    columns = ProductCode.columns(isa);
    List<byte[]> code = new ArrayList<>();
    code.add(PackCode.assemble(isa));
    code.add(TransposeCode.assemble(isa));
    code.add(RowCode.assemble(isa));
    for (int rows = 1; rows <= mostRows; rows++) {
      code.add(ProductCode.assemble(isa, rows, 2));
    }
    for (int rows = 1; rows <= mostRows; rows++) {
      code.add(ProductCode.assemble(isa, rows, 1));
    }
    long[] addresses = CodeMemory.install(code);
    pack = addresses[0];
    transpose = addresses[1];
    product = new long[mostRows + 1];
    row = addresses[2];
    System.arraycopy(addresses, 3, product, 1, mostRows);
    narrow = new long[mostRows + 1];
    System.arraycopy(addresses, 3 + mostRows, narrow, 1, mostRows);
  }

  Isa isa() {
    return isa;
  }

  /** Columns of a panel. */
  int columns() {
    return columns;
  }

  /** The most rows of a tile. */
  int mostRows() {
    return mostRows;
  }

  /** Where an operand starts, and how far its rows and columns are apart. */
  record Operand(MemorySegment memory, long offset, long row, long column) {
    /** One with adjacent columns. */
    Operand(MemorySegment memory, long offset, long row) {
      this(memory, offset, row, Float.BYTES);
    }

    /** The same, {@code bytes} further on. */
    Operand shift(long bytes) {
      return new Operand(memory, offset + bytes, row, column);
    }

    /** A part of an array, distances counted in floats. */
    static Operand floats(float[] x, int offset, int row, int column) {
      return new Operand(
          MemorySegment.ofArray(x),
          (long) offset * Float.BYTES,
          (long) row * Float.BYTES,
          (long) column * Float.BYTES);
    }
  }

  /** How many products, and how far the operands of one are from those of the next. */
  record Each(int count, long a, long b, long c) {
    static final Each ONE = new Each(1, 0, 0, 0);
  }

  /**
   * What is done with the sums: the old C added, then {@code last}.
   *
   * @param offset bytes from the first element of the last step's parameters to that of the first
   *     column
   */
  record Steps(boolean add, Last last, long offset) {
    static final Steps NONE = new Steps(false, Last.NOTHING, 0);
    static final Steps ADD = new Steps(true, Last.NOTHING, 0);

    /** With or without the old C. */
    static Steps add(boolean add) {
      return add ? ADD : NONE;
    }

    /** These, then what comes last in {@code other}. */
    Steps then(Steps other) {
      return new Steps(add, other.last, other.offset);
    }

    /** For columns {@code bytes} further on. */
    Steps shift(long bytes) {
      return new Steps(add, last, offset + bytes);
    }

    private void set(Frame f) {
      f.set(Slot.STEPS, (add ? Slot.ADD_C : 0) | last.bits);
      f.set(Slot.BIAS_OFFSET, offset);
      f.set(Slot.PARAMETERS, last.distance);
      f.set(Slot.MOST, Float.floatToRawIntBits(last.most));
    }
  }

  /**
   * Bias, factor and shift of each column, and bounds.
   *
   * @param bits which of them there are
   * @param parameters null for none
   * @param distance bytes from bias to factor, from factor to shift
   */
  record Last(int bits, MemorySegment parameters, long distance, float most) {
    static final Last NOTHING = new Last(0, null, 0, 0);
  }

  /**
   * {@code C = steps(A·B)}, {@code rows} rows in tiles of nearly equal height. A has any distances,
   * B and C have adjacent columns. B in panels {@code panel} bytes apart, its rows {@code b.row()}
   * apart.
   *
   * @param taps stretches of A, {@code tap} bytes apart, that the sums of {@code depth} terms each
   *     run over
   */
  void multiply(
      int rows,
      int n,
      int depth,
      int taps,
      long tap,
      Operand a,
      Operand b,
      long panel,
      Operand c,
      Steps steps) {
    multiply(Each.ONE, rows, n, depth, taps, tap, a, b, panel, c, steps);
  }

  /** The same for products of equal sizes. */
  void multiply(
      Each each,
      int rows,
      int n,
      int depth,
      int taps,
      long tap,
      Operand a,
      Operand b,
      long panel,
      Operand c,
      Steps steps) {
    int whole = n / columns * columns;
    if (whole > 0 && n > whole && n - whole <= isa.lanes() && rows >= FEW) {
      multiply(each, rows, whole, depth, taps, tap, a, b, panel, c, steps);
      Operand rest = b.shift(whole / columns * panel);
      long beyond = (long) whole * Float.BYTES;
      Operand to = c.shift(beyond);
      multiply(each, rows, n - whole, depth, taps, tap, a, rest, panel, to, steps.shift(beyond));
      return;
    }
    Frame f = Frame.own();
    panels(f, n);
    f.set(Slot.A_ROW, a.row());
    f.set(Slot.A_COLUMN, a.column());
    f.set(Slot.B_OFFSET, b.offset());
    f.set(Slot.B_ROW, b.row());
    f.set(Slot.B_PANEL, panel);
    f.set(Slot.C_ROW, c.row());
    f.set(Slot.DEPTH, depth);
    f.set(Slot.TAPS, taps);
    f.set(Slot.TAP, tap);
    f.set(Slot.NEXT_A, each.a);
    f.set(Slot.NEXT_B, each.b);
    f.set(Slot.NEXT_C, each.c);
    long[] kernels = n <= isa.lanes() ? narrow : product;
    int blocks = (rows + mostRows - 1) / mostRows;
    int height = (rows + blocks - 1) / blocks;
    int lower = blocks * height - rows; // so many blocks have a row less
    tiles(kernels[height], f, each, blocks - lower, 0, a, b, c, steps);
    if (lower > 0) {
      tiles(kernels[height - 1], f, each, lower, (long) (blocks - lower) * height, a, b, c, steps);
    }
  }

  /** Columns of n that {@link #row} serves. */
  int rowColumns(int n) {
    int group = RowCode.GROUP * columns;
    return n / group * group;
  }

  /**
   * {@link #multiply} for one row and {@link #rowColumns} of n.
   *
   * @param part terms that have a sum of their own; the sums of all parts are added
   */
  void row(int n, int depth, int part, Operand a, Operand b, long panel, Operand c, Steps steps) {
    Frame f = Frame.own();
    f.set(Slot.A_OFFSET, a.offset());
    f.set(Slot.A_COLUMN, a.column());
    f.set(Slot.B_OFFSET, b.offset());
    f.set(Slot.B_ROW, b.row());
    f.set(Slot.B_PANEL, panel);
    f.set(Slot.C_OFFSET, c.offset());
    int parts = (depth + part - 1) / part;
    f.set(Slot.DEPTH, part);
    f.set(Slot.PARTS, parts);
    f.set(Slot.LAST_DEPTH, depth - (parts - 1L) * part);
    f.set(Slot.PANELS, n / (RowCode.GROUP * columns));
    steps.set(f);
    run(row, f, a, b, c, steps);
  }

  private static void tiles(
      long kernel,
      Frame f,
      Each each,
      int count,
      long first,
      Operand a,
      Operand b,
      Operand c,
      Steps steps) {
    f.set(Slot.A_OFFSET, a.offset() + first * a.row());
    f.set(Slot.C_OFFSET, c.offset() + first * c.row());
    f.set(Slot.ROW_BLOCKS, count);
    f.set(Slot.PRODUCTS, each.count); // counted down
    steps.set(f); // the kernel counts the bias up in its slot
    run(kernel, f, a, b, c, steps);
  }

  private static void run(long code, Frame f, Operand a, Operand b, Operand c, Steps steps) {
    MemorySegment w = steps.last.parameters == null ? c.memory() : steps.last.parameters;
    NativeCall.run(code, a.memory(), b.memory(), c.memory(), w, f);
  }

  private void panels(Frame f, int n) {
    int panels = (n + columns - 1) / columns;
    int last = n - (panels - 1) * columns;
    f.set(Slot.PANELS, panels);
    f.set(Slot.PARTIAL, last < columns ? 1 : 0);
    f.set(Slot.MASKS, Tail.mask(isa, last));
    f.set(Slot.MASKS + 1, Tail.mask(isa, last - isa.lanes()));
  }

  /** Rows with adjacent columns into panels; the target's rows are adjacent within a panel. */
  void pack(int rows, int n, Operand from, MemorySegment to, long offset, long panel) {
    Frame f = Frame.own();
    panels(f, n);
    f.set(Slot.A_OFFSET, from.offset());
    f.set(Slot.A_ROW, from.row());
    f.set(Slot.B_OFFSET, offset);
    f.set(Slot.B_PANEL, panel);
    f.set(Slot.DEPTH, rows);
    NativeCall.run(pack, from.memory(), to, to, f);
  }

  /** {@code to = fromᵀ}; both counts, those of {@code from}, are multiples of the lanes. */
  void transpose(int rows, int n, Operand from, Operand to) {
    Frame f = Frame.own();
    f.set(Slot.A_OFFSET, from.offset());
    f.set(Slot.A_ROW, from.row());
    f.set(Slot.B_OFFSET, to.offset());
    f.set(Slot.B_ROW, to.row());
    f.set(Slot.ROW_BLOCKS, rows / isa.lanes());
    f.set(Slot.PANELS, n / isa.lanes());
    NativeCall.run(transpose, from.memory(), to.memory(), to.memory(), f);
  }
}
